// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The first screen of the README is what happens when one types it.
@Suite struct ReadmeTests {
    private struct Step {
        var command: String
        /// Lines that must be among what it prints; `…` stands for anything.
        var expected: [String] = []
    }

    private static func steps() throws -> [Step] {
        let readme = try String(contentsOfFile: Repository.root + "/README.md", encoding: .utf8)
        let block = try #require(readme.components(separatedBy: "```console\n").dropFirst().first)
        let lines = try #require(block.components(separatedBy: "```").first).split(separator: "\n").map(String.init)
        return lines.reduce(into: []) { steps, line in
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else if !steps.isEmpty {
                steps[steps.count - 1].expected.append(line)
            }
        }
    }

    @Test func `the console block does what it shows`() async throws {
        let steps = try Self.steps()
        #expect(steps.count >= 6)
        let work = try TemporaryDirectory()
        try FileManager.default.createSymbolicLink(
            atPath: work.file("policies"), withDestinationPath: Repository.root + "/policies")
        try work.makeDirectory("home")
        try work.makeDirectory("home/.ssh")
        try await MayflyCA.makeKey(work.file("home/.ssh/id_ed25519"))
        let environment = ["HOME": work.file("home"), "MAYFLY_HOME": work.file("home/mayfly")]
        var fingerprint = ""
        var server: BackgroundProcess?
        for step in steps {
            var words = step.command.replacingOccurrences(of: "SHA256:…", with: fingerprint).split(separator: " ").map(
                String.init)
            let output: String
            if words.last == "&" {
                let process = try await BackgroundProcess(
                    "mayfly", MayflyCA.binary, Array(words.dropFirst().dropLast()), environment: environment,
                    directory: work.path, logPath: work.file("serve.log"))
                server = process
                try await process.waitUntilReady { process.log.contains("mayfly: serving") }
                output = process.log
            } else {
                let program = words.removeFirst()
                let result = try await run(
                    program == "mayfly" ? MayflyCA.binary : program, words, environment: environment, directory: work.path)
                #expect(result.succeeded, "\(step.command): \(result.stderr)")
                output = result.stdout
            }
            if let found = output.firstMatch(of: /SHA256:[A-Za-z0-9+\/]{43}/), fingerprint.isEmpty {
                fingerprint = String(found.output)
            }
            for expected in step.expected {
                #expect(
                    output.split(separator: "\n").contains { Self.line(String($0), fits: expected) },
                    "\(step.command): \(output)")
            }
        }
        await server?.stop()
    }

    /// Whether the parts of `pattern` between its `…` stand in `line`, in their order, from its beginning.
    private static func line(_ line: String, fits pattern: String) -> Bool {
        var rest = line[...]
        for (index, part) in pattern.components(separatedBy: "…").enumerated() where !part.isEmpty {
            guard let found = rest.range(of: part), index > 0 || found.lowerBound == rest.startIndex else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}
