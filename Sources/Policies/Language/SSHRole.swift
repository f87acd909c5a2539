// SPDX-License-Identifier: Apache-2.0

/// What an SSH user certificate of a role may say. Logins and zones are both there or both missing.
struct SSHRole: Hashable, Sendable {
    /// More would not fit a certificate that servers accept (sshd: `SSHKEY_CERT_MAX_PRINCIPALS`).
    static let maximumPrincipals = 256
    /// What our certificates take; each login walks through them.
    static let maximumSourceAddresses = 64

    var logins: [Template] = []
    var zones: [Zone] = []
    /// For fleets with a scheme of their own; taken as they are.
    var principals: [String] = []
    var extensions: Set<SSHExtension> = []
    var sourceAddress: SourceAddress?
    var forceCommand: String?
    var verifyRequired = false
    /// Whether hosts end a session that is still open when its certificate expires.
    var endsSessionAtExpiry = false
    /// nil: any the server takes.
    var keyTypes: Set<KeyType>?
}

enum SourceAddress: Hashable, Sendable {
    case requester
    case networks([IPNetwork])
}

/// A named set of hosts. Its name is what certificates carry: `deploy@zone:prod-web`.
struct Zone: Hashable, Sendable {
    let name: String
    let hosts: [HostPattern]

    func contains(_ host: HostName) -> Bool { hosts.contains { $0.matches(host) } }
}

/// What OpenSSH allows in a session beyond running a command (draft-miller-ssh-cert).
package enum SSHExtension: String, Sendable, CaseIterable {
    case pty
    case agentForwarding = "agent-forwarding"
    case portForwarding = "port-forwarding"
    case x11Forwarding = "x11-forwarding"
    case userRC = "user-rc"

    /// The name on the wire.
    package var wireName: String {
        switch self {
        case .x11Forwarding: "permit-X11-forwarding"
        default: "permit-" + rawValue
        }
    }
}

package enum KeyType: String, Sendable, CaseIterable {
    case ed25519
    case ecdsaP256 = "ecdsa-p256"
    case ecdsaP384 = "ecdsa-p384"
    case ecdsaP521 = "ecdsa-p521"
    case rsa
    /// On a FIDO token; SSH only.
    case skEd25519 = "sk-ed25519"
    case skECDSA = "sk-ecdsa"

    package var isOnToken: Bool { self == .skEd25519 || self == .skECDSA }
}
