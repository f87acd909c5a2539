// SPDX-License-Identifier: Apache-2.0

/// One line `type base64 comment`, as in a `.pub` file: the form only, the key is not looked into.
///
/// Single spaces separate, the comment is optional and may contain spaces and non-ASCII text, one line feed may end the
/// line. Options as in `authorized_keys` are refused.
struct PublicKeyLine {
    let typeName: String
    let blob: [UInt8]

    init(_ line: String, limit: Int) throws(SSHKeyError) {
        guard line.utf8.count <= limit else { throw .lineTooLong(limit: limit) }
        var bytes = Array(line.utf8)[...]
        if bytes.starts(with: Array("-----BEGIN".utf8)) { throw .looksLikePEM }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard !bytes.contains(where: \.isControlASCII) else { throw .controlCharacter }

        let words = bytes.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard let first = words.first, !first.isEmpty else { throw .malformedLine }
        guard Self.isTypeName(first) || !Self.mentionsTypeName(bytes) else { throw .hasOptions }
        guard words.count >= 2, first.allSatisfy(\.isGraphicASCII), first.count <= SSHLimits.name, !words[1].isEmpty
        else { throw .malformedLine }
        typeName = String(decoding: first, as: UTF8.self)
        guard let blob = StrictBase64.decode(words[1]) else { throw .invalidBase64 }
        self.blob = blob
    }

    static func text(typeName: String, blob: [UInt8], comment: String) throws(SSHKeyError) -> String {
        guard comment.utf8.count <= SSHLimits.comment, !comment.utf8.contains(where: \.isControlASCII) else {
            throw .invalidComment
        }
        let line = typeName + " " + StrictBase64.encode(blob)
        return comment.isEmpty ? line : line + " " + comment
    }

    private static func isTypeName(_ word: ArraySlice<UInt8>) -> Bool {
        let name = String(decoding: word, as: UTF8.self)
        return SSHKeyType(rawValue: name) != nil || SSHKeyType(certificateName: name) != nil
    }

    private static func mentionsTypeName(_ line: ArraySlice<UInt8>) -> Bool {
        line.split(separator: UInt8(ascii: " ")).contains { isTypeName($0) }
    }
}
