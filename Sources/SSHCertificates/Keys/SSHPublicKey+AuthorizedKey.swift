// SPDX-License-Identifier: Apache-2.0

extension SSHPublicKey {
    /// From one line `type base64 comment`; the comment is dropped.
    package init(authorizedKey line: String) throws(SSHKeyError) {
        let line = try PublicKeyLine(line, limit: SSHLimits.authorizedKeyLine)
        _ = try SSHKeyType(name: line.typeName)
        try self.init(parsing: line.blob)
        guard line.typeName == type.rawValue else { throw .typeMismatch(line: line.typeName, blob: type.rawValue) }
    }

    /// One line without line end.
    /// - Throws: `invalidComment`.
    package func authorizedKey(comment: String = "") throws(SSHKeyError) -> String {
        try PublicKeyLine.text(typeName: type.rawValue, blob: blob, comment: comment)
    }
}
