// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// What a CA key signs.
package enum CAKeyPurposeName: String, Codable, Sendable, CaseIterable {
    case sshUser = "ssh-user"
    case sshHost = "ssh-host"
    case issuing
}

package enum CAKeyAct: String, Codable, Sendable, CaseIterable {
    case prepare, activate, retire, revoke
}

/// A CA key shall go on to its next state.
package struct CAKeyChangeRequest: RequestDocument {
    package var purpose: CAKeyPurposeName
    package var act: CAKeyAct
    /// `SHA256:…`; needed for `revoke`, and where several keys could be meant.
    package var key: String?
    /// Also where hosts would be locked out or certificates refused.
    package var force: Bool?
    package var reason: String
    /// PEM of an issuing CA, for `prepare`.
    package var certificate: String?

    package init(
        purpose: CAKeyPurposeName, act: CAKeyAct, key: String?, force: Bool?, reason: String, certificate: String? = nil
    ) {
        self.purpose = purpose
        self.act = act
        self.key = key
        self.force = force
        self.reason = reason
        self.certificate = certificate
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case purpose, act, key, force, reason, certificate
    }
}

/// A new key of an issuing CA, for which the root is to make a certificate.
package struct CAKeyRequestReply: Codable, Sendable {
    /// PEM of its `SubjectPublicKeyInfo` (RFC 7468 §13).
    package var publicKey: String

    package init(publicKey: String) {
        self.publicKey = publicKey
    }

    enum CodingKeys: String, CodingKey {
        case publicKey = "public_key"
    }
}

/// How the keys, certificates and lists of the CA stand.
package struct CAStatus: Codable, Sendable {
    package var time: Date
    package var keys: [CAKeyStanding]

    package init(time: Date, keys: [CAKeyStanding]) {
        self.time = time
        self.keys = keys
    }
}

package struct CAKeyStanding: Codable, Sendable {
    /// `root`, `root-list`, `service`, `ssh-user`, `ssh-host` or `issuing`.
    package var name: String
    /// `prepared`, `active`, `retiring`, `retired` or `revoked`; absent where there is only one.
    package var state: String?
    /// `SHA256:…`
    package var key: String?
    /// Since when it is in this state; absent for what `init` made.
    package var changedAt: Date?
    /// Of the certificate or the list.
    package var endsAt: Date?
    /// Of the certificates it signed that are not revoked; absent where none is left.
    package var lastCertificateEndsAt: Date?
    /// Enrolled hosts that have not said that they trust it.
    package var missingOn: [String]?
    /// What to do now.
    package var advice: String?

    package init(
        name: String, state: String?, key: String?, changedAt: Date?, endsAt: Date?, lastCertificateEndsAt: Date?,
        missingOn: [String]?, advice: String?
    ) {
        self.name = name
        self.state = state
        self.key = key
        self.changedAt = changedAt
        self.endsAt = endsAt
        self.lastCertificateEndsAt = lastCertificateEndsAt
        self.missingOn = missingOn
        self.advice = advice
    }

    enum CodingKeys: String, CodingKey {
        case name, state, key, advice
        case changedAt = "changed_at"
        case endsAt = "ends_at"
        case lastCertificateEndsAt = "last_certificate_ends_at"
        case missingOn = "missing_on"
    }
}
