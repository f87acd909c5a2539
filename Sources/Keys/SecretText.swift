// SPDX-License-Identifier: Apache-2.0

/// The one line of a file that nobody but its owner may use: a password for another service, which goes over the wire as text.
package enum SecretText {
    private static let maximumBytes = 4096

    /// Without the line end.
    /// - Throws: the file errors of `KeyError`, `.notOneLine` for anything but one line of printable ASCII.
    package static func read(_ path: String) throws(KeyError) -> String {
        let bytes = try PrivateFile.read(path, limit: maximumBytes)
        var line = bytes.withSpan { span in span.indices.map { span[$0] } }
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        guard !line.isEmpty else { throw .empty(path: path) }
        guard line.allSatisfy({ (0x20...0x7E).contains($0) }) else { throw .notOneLine(path: path) }
        return String(decoding: line, as: UTF8.self)
    }
}
