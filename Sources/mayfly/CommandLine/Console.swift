// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import SystemPackage

/// Standard output carries the result and nothing else.
enum Console {
    /// - Parameter text: with the end of its last line.
    static func write(_ text: String) {
        _ = try? FileDescriptor.standardOutput.writeAll(Array(text.utf8))
    }

    /// One JSON document.
    static func write(json document: some Encodable) throws {
        write(String(decoding: try encoder.encode(document), as: UTF8.self) + "\n")
    }

    /// `mayfly: …` for the person, on standard error.
    static func note(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll(Array("mayfly: \(text)\n".utf8))
    }

    /// A picture for the person, on standard error.
    static func draw(_ picture: String) {
        _ = try? FileDescriptor.standardError.writeAll(Array(picture.utf8))
    }

    /// A note that the next one replaces; only on a terminal, which cuts it off at its edge (DECAWM): of two lines only the last
    /// would be replaced.
    static func progress(_ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        _ = try? FileDescriptor.standardError.writeAll(Array("\r\u{1b}[K\u{1b}[?7lmayfly: \(text)\u{1b}[?7h".utf8))
    }

    /// The same of something that lasts for so many seconds more.
    static func progress(_ text: String, left seconds: Int) { progress("\(text) \(time(seconds)) more") }

    static func time(_ seconds: Int) -> String { "\(seconds / 60)m\(seconds % 60)s" }

    static func endProgress() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        _ = try? FileDescriptor.standardError.writeAll(Array("\r\u{1b}[K".utf8))
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
