// SPDX-License-Identifier: Apache-2.0

import Crypto
package import FoundationEssentials
package import Policies

/// The right to enrol one host, once. Its holder has the text; the store has the digest, and cannot make the text from it.
package struct EnrolmentToken: Sendable, Equatable {
    /// SHA-256 of the text.
    package let digest: [UInt8]
    package let role: String
    /// The host, or a pattern for its name.
    package let hosts: String
    /// Provider and user.
    package let createdBy: String
    package let createdAt: Date
    /// The first second in which it is no longer taken.
    package let expiresAt: Date
    /// The certificate it was used for.
    package var use: CertificateReference?

    package static let standardLifetime = Duration.seconds(3600)
    /// A token that waits longer than a month is one that was forgotten.
    package static let longestLifetime = Duration.seconds(30 * 86_400)

    package init(
        digest: [UInt8], role: String, hosts: String, createdBy: String, createdAt: Date, expiresAt: Date,
        use: CertificateReference? = nil
    ) {
        self.digest = digest
        self.role = role
        self.hosts = hosts
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.use = use
    }

    /// What people and the log call it: the first 16 hexadecimal digits of the digest.
    package var id: String { String(digest.hexadecimal.prefix(16)) }

    package func isFor(_ host: HostName) -> Bool {
        (try? HostPattern(hosts))?.matches(host) ?? false
    }

    /// Only such a token takes the name of a host that is enrolled.
    package var namesOneHost: Bool { (try? HostPattern(hosts))?.isExact ?? false }
}

extension EnrolmentToken {
    private static let prefix = "mayfly-enrol-"
    private static let secretBytes = 32
    private static let textBytes = prefix.utf8.count + 43

    /// 256 random bits in base64url, after a prefix by which scanners for leaked secrets know it.
    static func newText() -> String {
        prefix
            + Data(randomBytes(secretBytes)).base64EncodedString().compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: String(character)
                }
            }.joined()
    }

    /// - Returns: nil for what cannot be a token.
    package static func digest(ofText text: String) -> [UInt8]? {
        guard text.utf8.count == textBytes, text.hasPrefix(prefix) else { return nil }
        return Array(SHA256.hash(data: Array(text.utf8)))
    }
}

/// What identifies a certificate on record.
package struct CertificateReference: Sendable, Equatable {
    /// `SHA256:…` of the issuing key.
    package let issuer: String
    package let serial: String

    package init(issuer: String, serial: String) {
        self.issuer = issuer
        self.serial = serial
    }
}
