// SPDX-License-Identifier: Apache-2.0
import AuditLog
import Foundation

/// Entries of a log in a file, a line each, in batches.
struct LogLines: AsyncSequence {
    private let file: FileHandle

    /// - Parameter path: `-` for standard input.
    init(path: String) throws {
        guard let file = path == "-" ? .standardInput : FileHandle(forReadingAtPath: path) else {
            throw ServerError.unreadable(path)
        }
        self.file = file
    }

    func makeAsyncIterator() -> Iterator { Iterator(file: file) }

    struct Iterator: AsyncIteratorProtocol {
        let file: FileHandle
        /// What follows the last whole line.
        private var rest = Data()

        private static let chunk = 1 << 20  // bytes

        init(file: FileHandle) {
            self.file = file
        }

        /// The whole lines of the next chunks, some at least; nil at the end.
        mutating func next() async throws -> LogBatch? {
            while true {
                guard let bytes = try file.read(upToCount: Self.chunk), !bytes.isEmpty else {
                    defer { rest = Data() }
                    return rest.isEmpty ? nil : LogBatch(lines: rest)
                }
                guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
                    rest += bytes
                    guard rest.count <= AuditEvent.maximumBytes + Self.chunk else {
                        throw ServerError.unreadable("a line longer than any entry of a log")
                    }
                    continue
                }
                defer { rest = Data(bytes[(end + 1)...]) }
                return LogBatch(lines: rest + bytes[..<end])
            }
        }
    }
}

/// Some entries of a log, one after the other.
struct LogBatch: Sendable {
    private let lines: Data

    /// - Parameter lines: entries with a line feed between them, which none of them contains.
    init(lines: Data) {
        self.lines = lines
    }

    /// The bytes of each entry.
    var leaves: some Sequence<[UInt8]> {
        lines.split(separator: UInt8(ascii: "\n")).lazy.map { Array($0) }
    }
}
