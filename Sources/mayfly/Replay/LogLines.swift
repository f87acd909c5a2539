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
        private var rest = Data()

        private static let chunk = 1 << 20  // bytes

        init(file: FileHandle) {
            self.file = file
        }

        /// The lines that end in the next chunks, some at least; nil at the end.
        mutating func next() async throws -> [String]? {
            while true {
                let bytes = try file.read(upToCount: Self.chunk) ?? Data()
                rest += bytes
                guard let end = bytes.isEmpty ? rest.endIndex : rest.lastIndex(of: UInt8(ascii: "\n")) else {
                    guard rest.count <= AuditEvent.maximumBytes + Self.chunk else {
                        throw ServerError.unreadable("a line longer than any entry of a log")
                    }
                    continue
                }
                let lines = rest[..<end].split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
                rest = Data(rest[end...])
                guard lines.isEmpty else { return lines }
                if bytes.isEmpty { return nil }
            }
        }
    }
}
