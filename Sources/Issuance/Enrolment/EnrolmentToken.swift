// SPDX-License-Identifier: Apache-2.0

import Crypto
package import FoundationEssentials
package import Policies

/// The right to enrol one host or machine, once. Its holder has the text; the store has the digest, and cannot make the text
/// from it.
package struct EnrolmentToken: Sendable, Equatable {
    /// SHA-256 of the text.
    package let digest: [UInt8]
    package let kind: Kind
    package let role: String
    /// What it is for: names, or patterns for them. One for a host.
    package let names: [String]
    /// Provider and user.
    package let createdBy: String
    package let createdAt: Date
    /// The first second in which it is no longer taken.
    package let expiresAt: Date
    /// The certificate it was used for.
    package var use: CertificateReference?

    /// Of one machine.
    static let mostNames = 16
    package static let standardLifetime = Duration.seconds(3600)
    /// A token that waits longer than a month is one that was forgotten.
    package static let longestLifetime = Duration.seconds(30 * 86_400)

    /// What its certificate is.
    package enum Kind: String, Sendable, CaseIterable {
        case sshHost = "ssh-host"
        case x509
    }

    package init(
        digest: [UInt8], kind: Kind, role: String, names: [String], createdBy: String, createdAt: Date, expiresAt: Date,
        use: CertificateReference? = nil
    ) {
        self.digest = digest
        self.kind = kind
        self.role = role
        self.names = names
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.use = use
    }

    /// What people and the log call it: the first 16 hexadecimal digits of the digest.
    package var id: String { String(digest.hexadecimal.prefix(16)) }

    /// Of a token for a host: its name, or a pattern for it.
    package var host: String? { kind == .sshHost ? names.first : nil }

    /// Of a token for a machine.
    package var machineNames: [String]? { kind == .x509 ? names : nil }

    package func isFor(_ name: HostName) -> Bool {
        names.contains { (try? HostPattern($0))?.matches(name) ?? false }
    }

    /// Only such a token takes the name of a host that is enrolled.
    package var namesOneHost: Bool { names.count == 1 && (try? HostPattern(names[0]))?.isExact == true }
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

/// A token that an act uses up, and what it gave.
package struct UsedToken: Sendable {
    package let digest: [UInt8]
    package let certificate: CertificateReference

    package init(digest: [UInt8], certificate: CertificateReference) {
        self.digest = digest
        self.certificate = certificate
    }
}
