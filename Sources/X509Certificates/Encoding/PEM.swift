// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Textual encoding of RFC 7468, strictly: exactly one block, nothing before or after it but the last line's end, no
/// headers, no blank lines, canonical base64. Lines end in LF or CRLF and have at most 76 characters.
package enum PEM {
    package static func certificate(_ der: [UInt8]) -> String {
        encode(der, label: "CERTIFICATE")
    }

    /// A `SubjectPublicKeyInfo` (RFC 7468 §13).
    package static func publicKey(_ der: [UInt8]) -> String { encode(der, label: "PUBLIC KEY") }

    static func encode(_ bytes: [UInt8], label: String) -> String {
        var text = Array("-----BEGIN \(label)-----\n".utf8)
        var rest = Array(Data(bytes).base64EncodedData())[...]
        while !rest.isEmpty {
            text += rest.prefix(64)
            text.append(UInt8(ascii: "\n"))
            rest = rest.dropFirst(64)
        }
        text += Array("-----END \(label)-----\n".utf8)
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of the one block, which has one of `labels`.
    static func decode(_ text: some BidirectionalCollection<UInt8>, labels: [String]) throws(PEMError) -> [UInt8] {
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        lines = lines.map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
        guard let begin = lines.first, let label = label(of: begin, "BEGIN") else { throw .notPEM }
        guard labels.contains(label) else { throw .otherLabel(label) }
        lines.removeFirst()
        guard let end = lines.firstIndex(where: { $0.first == UInt8(ascii: "-") }) else { throw .truncated }
        guard self.label(of: lines[end], "END") == label else { throw .malformed }
        let after = lines[(end + 1)...]
        guard after.isEmpty else {
            throw after.contains { self.label(of: $0, "BEGIN") != nil } ? .severalBlocks : .trailingText
        }
        let body = lines[..<end]
        guard body.allSatisfy({ (1...76).contains($0.count) }) else { throw .malformed }
        var characters: [UInt8] = []
        for line in body { characters += line }
        let base64 = Data(characters)
        // Encoding again refuses stray bits and whatever else a decoder may overlook.
        guard let bytes = Data(base64Encoded: base64), !bytes.isEmpty, bytes.base64EncodedData() == base64 else {
            throw .malformed
        }
        return Array(bytes)
    }

    private static func label(of line: some Collection<UInt8>, _ word: String) -> String? {
        let head = Array("-----\(word) ".utf8)
        let dashes = Array("-----".utf8)
        let bytes = Array(line)
        guard bytes.count <= 80, bytes.count > head.count + dashes.count, bytes.starts(with: head),
            bytes.suffix(dashes.count).elementsEqual(dashes)
        else { return nil }
        let label = bytes[head.count..<(bytes.count - dashes.count)]
        guard label.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
        return String(decoding: label, as: UTF8.self)
    }
}

package enum PEMError: Error, Hashable, CustomStringConvertible {
    case notPEM
    case otherLabel(String)
    case truncated
    case severalBlocks
    case trailingText
    case malformed

    package var description: String {
        switch self {
        case .notPEM: "does not begin with a PEM block such as `-----BEGIN CERTIFICATE REQUEST-----`"
        case .otherLabel(let label): "holds a `\(label)`, which is not what is expected here"
        case .truncated: "is truncated: its PEM block has no end"
        case .severalBlocks: "holds more than one PEM block"
        case .trailingText: "holds something after its PEM block"
        case .malformed: "holds a malformed PEM block"
        }
    }
}
