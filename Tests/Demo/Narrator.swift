// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// What the person in front of the demo sees: a heading for each step, every command as one would type it, what it said.
struct Narrator {
    private let started = ContinuousClock.now
    private let isTerminal = isatty(STDOUT_FILENO) == 1

    func step(_ title: String) {
        let seconds = Int(started.duration(to: .now).components.seconds)
        let heading = "[\(seconds < 10 ? " " : "")\(seconds)s] \(title)"
        print(isTerminal ? "\n\u{1B}[1m\(heading)\u{1B}[0m" : "\n\(heading)")
        fflush(nil)
    }

    func say(_ text: String) {
        let lines = text.trimmingCharacters(in: .newlines).split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines { print("      \(line.trimmingCharacters(in: .init(charactersIn: "\r")))") }
        fflush(nil)
    }

    func command(_ text: String) {
        print("    $ \(text)")
        fflush(nil)
    }

    /// What a refusal looks like is part of the show; only that it happened is required.
    func expect(_ condition: Bool, _ claim: String) throws {
        print("    \(condition ? "✔" : "✘") \(claim)")
        fflush(nil)
        if !condition { throw DemoError.failed(claim) }
    }

    /// Waits, and shows that it does.
    func wait(_ duration: Duration, _ what: String) async throws {
        let seconds = Int(duration.components.seconds)
        guard isTerminal else {
            say("\(what): \(seconds) s")
            return try await Task.sleep(for: duration)
        }
        for left in stride(from: seconds, to: 0, by: -1) {
            print("\r      \(what): \(left) s ", terminator: "")
            fflush(nil)
            try await Task.sleep(for: .seconds(1))
        }
        print("\r      \(what): done   ")
        fflush(nil)
    }
}

enum DemoError: Error, CustomStringConvertible {
    case failed(String)

    var description: String {
        switch self {
        case .failed(let claim): "this should have been true: \(claim)"
        }
    }
}
