// SPDX-License-Identifier: Apache-2.0

/// What a key revocation list says about the certificates of one CA key.
package struct CertificateRevocations: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case serialList([UInt64])
        case serialRange(ClosedRange<UInt64>)
        case serialBitmap(SerialBitmap)
        case keyIDs([String])
        case `extension`(RevocationExtension)
    }

    /// The blob of the CA key; empty for every CA.
    package let authority: [UInt8]
    package let parts: [Part]

    package init(authority: [UInt8], parts: [Part]) {
        self.authority = authority
        self.parts = parts
    }

    /// Serials in the smallest form, then the key IDs.
    /// - Parameters:
    ///   - authority: `nil` for every CA.
    ///   - serials: strictly increasing, without 0.
    /// - Throws: `serialZero`, `unorderedSerials`.
    package init(authority: SSHPublicKey?, serials: [UInt64], keyIDs: [String] = []) throws(KeyRevocationListError) {
        self.authority = authority?.blob ?? []
        parts = try SerialEncoding.smallest(for: serials) + (keyIDs.isEmpty ? [] : [.keyIDs(keyIDs)])
    }

    func check() throws(KeyRevocationListError) {
        guard authority.count <= SSHLimits.keyBlob else { throw .wire(.tooLong(field: "CA key", limit: SSHLimits.keyBlob)) }
        guard parts.count <= SSHLimits.revocationParts else { throw .tooManySections(limit: SSHLimits.revocationParts) }
        for part in parts {
            switch part {
            case .serialList(let serials):
                guard !serials.isEmpty else { throw .emptySection }
                guard !serials.contains(0) else { throw .serialZero }
            case .serialRange(let range): guard range.lowerBound > 0 else { throw .serialZero }
            case .serialBitmap(let bitmap): try bitmap.check()
            case .keyIDs(let keyIDs):
                guard !keyIDs.isEmpty else { throw .emptySection }
                for keyID in keyIDs { try KeyRevocationList.checkText(keyID, "key ID", limit: SSHLimits.revokedKeyID) }
            case .extension(let content): try content.check()
            }
        }
    }

    func revokes(serial: UInt64, keyID: String) -> Bool {
        parts.contains { part in
            switch part {
            case .serialList(let serials): serials.contains(serial)
            case .serialRange(let range): range.contains(serial)
            case .serialBitmap(let bitmap): bitmap.contains(serial)
            // Bytes, because two spellings of one text are two key IDs.
            case .keyIDs(let keyIDs): keyIDs.contains { $0.utf8.elementsEqual(keyID.utf8) }
            case .extension: false
            }
        }
    }
}
