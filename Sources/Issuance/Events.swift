// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Crypto
import FoundationEssentials
import Policies
import SSHCertificates
import X509Certificates

extension AuditEvent.Actor {
    /// - Parameter session: the serial of the session certificate the request came with.
    init(_ identity: Identity, session: String? = nil) {
        self.init(
            provider: identity.provider, user: identity.user, login: identity.login,
            groups: identity.groups.value?.sorted(), claims: identity.claims.value?.mapValues(AuditClaim.init),
            mfa: identity.mfa.value, authenticatedAt: identity.authenticatedAt.value.map { AuditTime($0) },
            address: identity.address?.description, session: session)
    }
}

extension AuditEvent.Request {
    /// Everything the policy decided by, so that the decision can be made again.
    /// - Parameter question: nil where no role was named and none was found.
    init(_ question: AuthorizationRequest?, of request: IssuanceRequest, id: String) {
        self.init(
            id: id, role: question?.role ?? request.role, lifetime: request.lifetime.map { Int($0.components.seconds) },
            reason: request.reason, ticket: request.ticket, keyType: request.keyType.rawValue)
        switch request.subject {
        case .ssh(let key, let logins, let host):
            kind = .ssh
            self.logins = logins
            self.host = host?.text
            publicKey = key.fingerprint
        case .sshHost(let key, let host):
            kind = .sshHost
            self.host = host.text
            publicKey = key.fingerprint
        case .x509(let csr):
            kind = .x509
            names = csr.requestedNames.described
            publicKey = csr.publicKey.fingerprint
        }
    }
}

extension AuditEvent.Certificate {
    init(_ record: CertificateRecord, keyID: String? = nil, options: [String: String]? = nil) {
        let isSSH = record.kind == .ssh || record.kind == .sshHost
        self.init(
            kind: AuditEvent.CertificateKind(record.kind), serial: record.serial, issuer: record.issuer, keyID: keyID,
            principals: isSSH ? record.names : nil, names: isSSH ? nil : record.names,
            validAfter: AuditTime(record.validAfter), validBefore: AuditTime(record.validBefore), options: options,
            digest: SHA256.hash(data: record.certificate).hexadecimal)
    }
}

extension AuditEvent.CertificateKind {
    init(_ kind: CertificateRecord.Kind) {
        self =
            switch kind {
            case .ssh: .ssh
            case .sshHost: .sshHost
            case .x509: .x509
            case .session: .session
            case .server: .server
            }
    }
}

extension AuditClaim {
    init(_ claim: ClaimValue) {
        self =
            switch claim {
            case .string(let text): .string(text)
            case .bool(let flag): .bool(flag)
            case .int(let number): .integer(number)
            case .list(let members): .list(members.map(AuditClaim.init))
            case .absent: .absent
            }
    }
}

extension Known {
    var value: Value? {
        if case .known(let value) = self { value } else { nil }
    }
}
