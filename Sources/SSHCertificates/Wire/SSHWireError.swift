// SPDX-License-Identifier: Apache-2.0

/// Bytes that are not the data types of RFC 4251 §5, or not in their one canonical form.
package enum SSHWireError: Error, Hashable, CustomStringConvertible {
    case truncated(field: String)
    case tooLong(field: String, limit: Int)
    case trailingBytes(after: String)
    /// An mpint with a superfluous leading zero.
    case notCanonical(field: String)
    /// An mpint below zero, where the format has none.
    case negative(field: String)
    /// Not printable ASCII.
    case notText(field: String)

    package var description: String {
        switch self {
        case .truncated(let field): "\(field): ends too early"
        case .tooLong(let field, let limit): "\(field): longer than \(limit) bytes"
        case .trailingBytes(let field): "unexpected bytes after \(field)"
        case .notCanonical(let field): "\(field): number has superfluous leading zeros"
        case .negative(let field): "\(field): number is negative"
        case .notText(let field): "\(field): not printable ASCII"
        }
    }
}

/// An error of a format made of SSH data types; its case `wire` takes what the reader finds.
protocol SSHWireFailure: Error {
    static func wire(_ error: SSHWireError) -> Self
}
