// SPDX-License-Identifier: Apache-2.0

/// A key revocation list (PROTOCOL.krl), as `RevokedKeys` of sshd and `ssh-keygen -Q` read it.
///
/// Sections keep their order, so that what was read is written back byte for byte. Signature sections are the exception:
/// they are read, not verified and never written, because sshd refuses lists that have one. Sign the file with `SSHSIG`.
package struct KeyRevocationList: Sendable, Hashable {
    package enum Section: Sendable, Hashable {
        case certificates(CertificateRevocations)
        /// Blobs of plain keys; also of types that `SSHPublicKey` does not take.
        case keys([[UInt8]])
        case sha1Fingerprints([[UInt8]])
        case sha256Fingerprints([[UInt8]])
        case `extension`(RevocationExtension)
    }

    /// A signature section as it was read. Well-formed, not verified.
    package struct Signature: Sendable, Hashable {
        package let key: [UInt8]
        package let signature: [UInt8]
    }

    /// Increases with every list of one issuer.
    package let version: UInt64
    /// Seconds since 1970-01-01T00:00:00Z.
    package let generatedAt: UInt64
    package let comment: String
    package let sections: [Section]
    package let signatures: [Signature]
    /// The wire form, without signature sections.
    package let blob: [UInt8]

    /// - Throws: what the parser would throw for the same content.
    package init(
        version: UInt64, generatedAt: UInt64, comment: String = "", sections: [Section]
    ) throws(KeyRevocationListError) {
        try self.init(version: version, generatedAt: generatedAt, comment: comment, sections: sections, signatures: [])
    }

    init(
        version: UInt64, generatedAt: UInt64, comment: String, sections: [Section], signatures: [Signature]
    ) throws(KeyRevocationListError) {
        try Self.checkText(comment, "comment", limit: SSHLimits.comment)
        guard sections.count <= SSHLimits.revocationSections else {
            throw .tooManySections(limit: SSHLimits.revocationSections)
        }
        for section in sections { try section.check() }
        self.version = version
        self.generatedAt = generatedAt
        self.comment = comment
        self.sections = sections
        self.signatures = signatures
        blob = Self.encode(version: version, generatedAt: generatedAt, comment: comment, sections: sections)
        guard blob.count <= SSHLimits.revocationList else {
            throw .wire(.tooLong(field: "key revocation list", limit: SSHLimits.revocationList))
        }
    }

    static func checkText(_ text: String, _ field: String, limit: Int) throws(KeyRevocationListError) {
        guard text.utf8.count <= limit else { throw .wire(.tooLong(field: field, limit: limit)) }
        guard !text.utf8.contains(where: \.isControlASCII) else { throw .invalidText(field: field) }
    }
}

extension KeyRevocationList.Section {
    func check() throws(KeyRevocationListError) {
        switch self {
        case .certificates(let certificates): try certificates.check()
        case .keys(let blobs):
            guard !blobs.isEmpty else { throw .emptySection }
            for blob in blobs where blob.count > SSHLimits.keyBlob {
                throw .wire(.tooLong(field: "key", limit: SSHLimits.keyBlob))
            }
        case .sha1Fingerprints(let hashes): try Self.check(hashes, bytes: 20)
        case .sha256Fingerprints(let hashes): try Self.check(hashes, bytes: 32)
        case .extension(let content): try content.check()
        }
    }

    private static func check(_ hashes: [[UInt8]], bytes: Int) throws(KeyRevocationListError) {
        guard !hashes.isEmpty else { throw .emptySection }
        for hash in hashes where hash.count != bytes { throw .invalidFingerprint(bytes: hash.count) }
    }
}
