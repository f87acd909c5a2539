// SPDX-License-Identifier: Apache-2.0

package import StrictYAML

/// A named set of things a certificate may say. At least one of the four is there.
struct Role: Hashable, Sendable {
    let reference: RoleReference
    var description: String?
    var ssh: SSHRole?
    var sshHost: SSHHostRole?
    var x509: X509Role?
    var capabilities: Set<Capability> = []

    var name: String { reference.name }

    var kinds: [RequestKind] {
        [(ssh != nil, RequestKind.ssh), (sshHost != nil, .sshHost), (x509 != nil, .x509)].filter(\.0).map(\.1)
    }

    /// What is meant where the role issues several kinds: what the details point to, else the first of user certificates, X.509
    /// and host certificates. nil for a role of capabilities alone.
    func kind(asking details: [RequestDetail]) -> RequestKind? {
        if details.contains(.names), x509 != nil { return .x509 }
        if !details.contains(.login), details.contains(.host), ssh == nil, sshHost != nil { return .sshHost }
        return [RequestKind.ssh, .x509, .sshHost].first(where: kinds.contains)
    }
}

/// Which hosts an SSH host certificate of a role may name.
struct SSHHostRole: Hashable, Sendable {
    var zones: [Zone] = []
}

/// Who may use the service itself for what.
package enum Capability: String, Sendable, CaseIterable {
    case auditRead = "audit.read"
    case certificatesRead = "certificates.read"
    case certificatesRevoke = "certificates.revoke"
    case policiesReload = "policies.reload"
    case tokensCreate = "tokens.create"
    case hostsRead = "hosts.read"
    case hostsRemove = "hosts.remove"
    case sessionsEnd = "sessions.end"
    case sessionsRead = "sessions.read"
    case keysRotate = "keys.rotate"
}

package enum RequestKind: String, Sendable, CaseIterable {
    case ssh
    case sshHost = "ssh_host"
    case x509

    package var certificateName: String {
        switch self {
        case .ssh: "SSH user certificates"
        case .sshHost: "SSH host certificates"
        case .x509: "X.509 certificates"
        }
    }

    /// What of the details has a meaning for it.
    package var details: [RequestDetail] {
        switch self {
        case .ssh: [.host, .login]
        case .sshHost: [.host]
        case .x509: [.names]
        }
    }
}

/// What may be asked for besides a role, in the words of tests.
package enum RequestDetail: String, Sendable, CaseIterable {
    case host, login, names
}

/// Where a role is defined: whoever may change that file can change the role.
package struct RoleReference: Hashable, Sendable {
    package let name: String
    package let position: SourcePosition
}
