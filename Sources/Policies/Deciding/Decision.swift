// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// The answer to a request. "No" is a value, not an error.
package enum Decision: Hashable, Sendable {
    case allow(Permit)
    case needsApproval(ApprovalOffer)
    case deny(Denial)
}

/// What would be given once others agree. Nothing may be issued on it.
package struct ApprovalOffer: Hashable, Sendable {
    package let rule: RuleReference
    package let role: String
    /// Of each certificate.
    package let lifetime: Duration
    package let approval: ApprovalRequirement
    /// When the permission ends by itself, if the lifetime was cut for that; it holds up to the second before.
    package let ends: Date?
    /// Sentences: what is less than was asked for, and by which rule.
    package let narrowed: [String]
    package let subject: Permit.Subject
}

/// What may be issued: no more than this, and under this rule.
package struct Permit: Hashable, Sendable {
    package enum Subject: Hashable, Sendable {
        case ssh(SSHPermit)
        case sshHost(SSHHostPermit)
        case x509(X509Permit)

        /// nil: any the server takes.
        package var keyTypes: Set<KeyType>? {
            switch self {
            case .ssh(let permit): permit.keyTypes
            case .sshHost: nil
            case .x509(let permit): permit.keyTypes
            }
        }
    }

    package let rule: RuleReference
    package let role: String
    package let lifetime: Duration
    /// When the permission ends by itself, if the lifetime was cut for that; it holds up to the second before.
    package let ends: Date?
    /// Sentences: what is less than was asked for, by which rule, and which rule would give more after approval.
    package let narrowed: [String]
    package let subject: Subject
}

package struct SSHPermit: Hashable, Sendable {
    /// Never empty; sorted by bytes, without duplicates.
    package let principals: [String]
    /// As on the wire (`permit-pty`), sorted.
    package let extensions: [String]
    package let forceCommand: String?
    /// Empty: from anywhere.
    package let sourceAddresses: [IPNetwork]
    package let verifyRequired: Bool
    package let endsSessionAtExpiry: Bool
    /// nil: any the server takes.
    package let keyTypes: Set<KeyType>?
}

package struct SSHHostPermit: Hashable, Sendable {
    package let hosts: [HostName]
}

package struct X509Permit: Hashable, Sendable {
    package let usage: Set<X509Usage>
    /// Never from the request. `names` may be empty only when it is there.
    package let commonName: String?
    /// O attributes of the subject, never from the request. Sorted, without duplicates.
    package let organizations: [String]
    package let names: X509Names
    /// nil: any the server takes.
    package let keyTypes: Set<KeyType>?
    /// RFC 9608.
    package let saysNoRevocation: Bool
}

/// Whether a capability of the service may be used.
package enum CapabilityDecision: Hashable, Sendable {
    case allow(rule: RuleReference, role: String)
    case deny(Denial)
}
