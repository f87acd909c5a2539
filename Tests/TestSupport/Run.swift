// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// What a program that has ended wrote and returned.
package struct ProcessResult: Sendable {
    package let command: String
    package let outputBytes: [UInt8]
    package let errorBytes: [UInt8]
    /// The exit code, or 128 + the number of the signal that killed it.
    package let status: Int32

    package var stdout: String { String(decoding: outputBytes, as: UTF8.self) }
    package var stderr: String { String(decoding: errorBytes, as: UTF8.self) }
    package var succeeded: Bool { status == 0 }

    /// The result itself, if the program ended with 0.
    @discardableResult
    package func checked() throws(TestSupportError) -> ProcessResult {
        guard succeeded else { throw .failed(command: command, status: status, errors: stderr + stdout) }
        return self
    }
}

/// Runs a program to its end. A status other than 0 is a result, not an error.
///
/// - Parameters:
///   - executable: a path, or a name looked up in `Program.searchPath`.
///   - environment: added to `Program.environment`.
///   - user: who the program runs as; needs root.
///   - timeout: after it the program and all it started are killed.
/// - Throws: `TestSupportError.programMissing`, `cannotStart`, `timedOut`; `CancellationError` when the task is cancelled.
@discardableResult
package func run(
    _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil,
    user: String? = nil, input: String? = nil, timeout: Duration = .seconds(120)
) async throws -> ProcessResult {
    let files = try TemporaryDirectory()
    defer { files.close() }
    var command = try Command(executable, arguments, environment: environment, directory: directory, user: user)
    command.output = files.file("output")
    command.errors = files.file("errors")
    if let input { command.input = try files.write(input, to: "input") }

    let child = try await ChildProcess.start(command)
    // Whatever ends this function, it does not leave the program running.
    defer { if child.status == nil { ChildProcess.stop([child], grace: .zero) } }
    let status = try await child.status(within: timeout)
    guard let status else {
        throw TestSupportError.timedOut(
            command: command.description, after: timeout, errors: (try? files.text(of: "errors")) ?? "")
    }
    return ProcessResult(
        command: command.description, outputBytes: bytes(of: command.output), errorBytes: bytes(of: command.errors),
        status: status)
}

private func bytes(of path: String) -> [UInt8] { [UInt8](FileManager.default.contents(atPath: path) ?? Data()) }

/// Runs a program to its end on a terminal of its own (script(1)), on which `input` is typed, and then the end of input. What it
/// writes to the terminal is its standard output here, with the line ends of a terminal.
package func runOnTerminal(
    _ words: [String], environment: [String: String] = [:], input: String, timeout: Duration = .seconds(180)
) async throws -> ProcessResult {
    try await run("script", onTerminal(words), environment: environment, input: input, timeout: timeout)
}

/// The same without waiting for its end: `log` has what it wrote so far.
package func startOnTerminal(
    _ words: [String], environment: [String: String] = [:], input: String, in directory: TemporaryDirectory
) async throws -> BackgroundProcess {
    let name = "terminal-" + String(UInt32.random(in: .min ... .max), radix: 36)
    return try await BackgroundProcess(
        "script", "script", onTerminal(words), environment: environment,
        input: try directory.write(input, to: name + ".input"), logPath: directory.file(name + ".log"))
}

private func onTerminal(_ words: [String]) -> [String] {
    let quoted = words.map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
    return ["--quiet", "--return", "--command", quoted, "/dev/null"]
}
