// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// The person at the terminal, reached whatever standard input and output are.
package enum Terminal {
    /// Whether the person said `yes`; `nil` where there is no terminal to ask on.
    package static func confirms(_ question: String) -> Bool? { answer(to: question).map { $0 == "yes" } }

    /// One line that the person typed; `nil` where there is no terminal to ask on.
    package static func answer(to question: String) -> String? {
        guard isatty(STDERR_FILENO) == 1,
            let terminal = try? FileDescriptor.open(FilePath("/dev/tty"), .readWrite, options: .closeOnExec)
        else { return nil }
        defer { try? terminal.close() }
        guard (try? terminal.writeAll(Array((question + " ").utf8))) != nil else { return nil }
        var answer: [UInt8] = []
        // The terminal gives a line at a time, of at most so many bytes.
        while answer.count < 4096, let part = try? terminal.readSome(), !part.isEmpty {
            answer += part
            if answer.last == UInt8(ascii: "\n") { break }
        }
        if answer.last == UInt8(ascii: "\n") { answer.removeLast() }
        return String(decoding: answer, as: UTF8.self)
    }
}
