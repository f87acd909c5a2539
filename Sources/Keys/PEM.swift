// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// Exactly one PEM block, in the one form that libcrypto writes: lines of 64 characters, `\n`, nothing before or after
/// (RFC 7468 §3, "stricttextualmsg").
enum PEM {
    /// The bytes of the one block in `text`. Whatever is accepted encodes to the same text again.
    static func decode(_ text: [UInt8], label: String) throws(PEMError) -> [UInt8] {
        let begin = Array("-----BEGIN ".utf8)
        let dashes = Array("-----".utf8)
        guard text.starts(with: begin), let endOfLine = text.firstIndex(of: UInt8(ascii: "\n")) else { throw .notPEM }
        let line = text[begin.count..<endOfLine]
        guard line.count <= 64, line.suffix(dashes.count).elementsEqual(dashes) else { throw .notPEM }
        let found = String(decoding: line.dropLast(dashes.count), as: UTF8.self)
        guard found.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else { throw .notPEM }
        guard found == label else { throw .otherLabel(found) }

        let body = text[(endOfLine + 1)...]
        guard let end = body.firstRange(of: Array("-----END \(label)-----\n".utf8)) else { throw .truncated }
        guard end.upperBound == text.endIndex else {
            throw text[end.upperBound...].firstRange(of: begin) == nil ? .trailingText : .severalBlocks
        }
        let base64 = body[..<end.lowerBound].filter { $0 != UInt8(ascii: "\n") }
        // Encoding again refuses other line lengths, blank lines and base64 with stray bits.
        guard let bytes = Data(base64Encoded: Data(base64)), encode(Array(bytes), label: label) == text else {
            throw .malformed
        }
        return Array(bytes)
    }

    static func encode(_ bytes: [UInt8], label: String) -> [UInt8] {
        var text = Array("-----BEGIN \(label)-----\n".utf8)
        var rest = Data(bytes).base64EncodedString().utf8[...]
        while !rest.isEmpty {
            text += rest.prefix(64) + [UInt8(ascii: "\n")]
            rest = rest.dropFirst(64)
        }
        return text + Array("-----END \(label)-----\n".utf8)
    }
}

package enum PEMError: Error, Equatable, CustomStringConvertible {
    case notPEM
    case otherLabel(String)
    case truncated
    case severalBlocks
    case trailingText
    case malformed

    package var description: String {
        switch self {
        case .notPEM: "does not begin with a PEM block"
        case .otherLabel(let label): "holds a `\(label)`"
        case .truncated: "is truncated: its PEM block has no end"
        case .severalBlocks: "holds more than one PEM block"
        case .trailingText: "holds something after its PEM block"
        case .malformed: "holds a malformed PEM block"
        }
    }
}
