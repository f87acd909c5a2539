// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// What a caller repeats to get the first reply again, and the digest of the request it was first used for.
package struct IdempotencyKey: Sendable, Equatable {
    package var key: String
    /// SHA-256 over method, path and body.
    package var requestDigest: [UInt8]

    /// At most 255 printable ASCII characters, as in `Idempotency-Key` headers elsewhere.
    package static func isValid(_ key: String) -> Bool {
        (1...255).contains(key.utf8.count) && key.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    package init(key: String, requestDigest: [UInt8]) {
        self.key = key
        self.requestDigest = requestDigest
    }
}

/// Written with the certificate it names.
package struct NewReply: Sendable {
    package var identity: String
    package var key: IdempotencyKey
    package var narrowed: [String]
    package var expires: Date

    package init(identity: String, key: IdempotencyKey, narrowed: [String], expires: Date) {
        self.identity = identity
        self.key = key
        self.narrowed = narrowed
        self.expires = expires
    }
}

/// The first reply to an idempotency key, as the store has it.
package struct RecordedReply: Sendable {
    package var requestDigest: [UInt8]
    package var narrowed: [String]
    package var certificate: CertificateRecord

    package init(requestDigest: [UInt8], narrowed: [String], certificate: CertificateRecord) {
        self.requestDigest = requestDigest
        self.narrowed = narrowed
        self.certificate = certificate
    }
}
