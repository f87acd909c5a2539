// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import TestSupport

/// How long it takes from the last approval until whoever waits for it works on the server.
struct ApprovalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approval", abstract: "Measure the time from an approval to a login.",
        discussion: "A real service, a real sshd, and the commands that people type, each a process of its own.")

    @Option(help: "So many approvals, one after the other, each way.")
    var repetitions = 20

    func run() async throws {
        print(try await table())
    }

    func table() async throws -> String {
        let scene = try await ApprovalScene()
        defer { scene.close() }
        var text = ""
        for way in ApprovalScene.Way.allCases {
            var runs: [ApprovalScene.Times] = []
            // The first one is for what is not in memory yet.
            _ = try await scene.measure(way)
            for _ in 0..<max(1, repetitions) { runs.append(try await scene.measure(way)) }
            func cells(_ part: (ApprovalScene.Times) -> Double) -> (String, String) {
                let spread = Spread(runs.map { part($0) * 1e3 })
                return (rounded(spread.median), rounded(spread.quantile(1)))
            }
            var table = MarkdownTable(way.rawValue + ", ms", "median", "worst of \(runs.count)")
            for (label, part) in ApprovalScene.Times.parts {
                let (median, worst) = cells(part)
                table.add(label, median, worst)
            }
            text += table.text + "\n"
        }
        await scene.stop()
        return text
    }
}
