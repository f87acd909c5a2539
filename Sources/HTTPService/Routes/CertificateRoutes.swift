// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import HTTPTypes
import Issuance
import Policies
import SSHCertificates
import ServiceAPI
import X509Certificates

/// Issuing and listing.
struct CertificateRoutes: Sendable {
    let authority: Authority
    let clock: any WallClock

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .post, path: Paths.sshCertificates, answer: .sessionOrToken(issueSSH)),
            Endpoint(method: .post, path: Paths.sshCertificatePreviews, answer: .session(previewSSH)),
            Endpoint(method: .post, path: Paths.sshHostCertificates, answer: .sessionOrToken(issueSSHHost)),
            Endpoint(method: .post, path: Paths.x509Certificates, answer: .sessionOrToken(issueX509)),
            Endpoint(
                method: .get, path: Paths.certificates, query: ["user", "role", "host", "active", "before"],
                answer: .session(list)),
        ]
    }

    private func issueSSH(_ call: ProvenCall) async throws -> Reply {
        try await issue(try sshRequest(call.call), call)
    }

    private func previewSSH(_ call: AuthenticatedCall) async throws -> Reply {
        switch try authority.preview(try sshRequest(call.call), for: call.caller) {
        case .denied(let refusal): throw refusal
        case .approvalNeeded(let needed): throw needed
        case .possible(let permit, let lifetime, let narrowed):
            guard case .ssh(let ssh) = permit.subject else { throw CallError.malformed("this is no SSH user certificate") }
            return try .json(SSHCertificatePreview(permit, ssh, lifetime: lifetime, narrowed: narrowed))
        }
    }

    private func sshRequest(_ call: Call) throws -> IssuanceRequest {
        let request = try call.decode(SSHCertificateRequest.self)
        guard request.role != nil || request.host != nil else {
            throw CallError.malformed("`role` is missing; it may be left out only where `host` is given")
        }
        return try IssuanceRequest(
            role: request.role,
            subject: .ssh(
                try SSHPublicKey(authorizedKey: request.publicKey), logins: request.logins,
                host: try request.host.map { try HostName($0) }),
            lifetime: try lifetime(request.lifetime), reason: request.reason, ticket: request.ticket, grant: request.grant)
    }

    private func issueSSHHost(_ call: ProvenCall) async throws -> Reply {
        let request = try call.call.decode(SSHHostCertificateRequest.self)
        return try await issue(
            IssuanceRequest(
                role: request.role,
                subject: .sshHost(try SSHPublicKey(authorizedKey: request.publicKey), host: try HostName(request.host)),
                lifetime: try lifetime(request.lifetime), reason: request.reason, ticket: request.ticket,
                grant: request.grant), call)
    }

    private func issueX509(_ call: ProvenCall) async throws -> Reply {
        let request = try call.call.decode(X509CertificateRequest.self)
        return try await issue(
            IssuanceRequest(
                role: request.role, subject: .x509(try CertificateSigningRequest(parsing: request.csr)),
                lifetime: try lifetime(request.lifetime), reason: request.reason, ticket: request.ticket,
                grant: request.grant), call)
    }

    private func issue(_ request: IssuanceRequest, _ call: ProvenCall) async throws -> Reply {
        try .json(try await authority.issue(request, for: call.caller).certificate(of: authority), status: .created)
    }

    private func lifetime(_ seconds: Int?) throws -> Duration? {
        guard let seconds else { return nil }
        // Its bounds are the policy's to check; here only that the number fits.
        return .seconds(Int64(seconds))
    }

    private func list(_ call: AuthenticatedCall) async throws -> Reply {
        let query = call.call.query
        var filter = CertificateFilter(limit: Self.pageSize)
        filter.user = query["user"]
        filter.role = query["role"]
        filter.host = query["host"]
        filter.before = try call.call.unsigned("before").map { Int($0) }
        if try call.call.flag("active") { filter.activeAt = clock.now }
        if filter.user == nil || filter.user != call.caller.identity.user {
            // Everybody with a name may list their own; the rest needs the capability.
            if query["user"] == nil, call.caller.identity.user != nil, !authority.hasCapability(.certificatesRead, call.caller)
            {
                filter.user = call.caller.identity.user
            } else {
                try await authority.requireCapability(.certificatesRead, of: call.caller)
            }
        }
        let records = try await authority.certificates(matching: filter)
        return try .json(
            CertificateList(
                certificates: records.map { CertificateSummary($0) },
                next: records.next(\.number, ofPage: Self.pageSize)))
    }

    private static let pageSize = 200
}

extension IssuedCertificate {
    init(_ record: CertificateRecord, narrowed: [String], chain: String) throws {
        let text =
            switch record.kind {
            case .ssh, .sshHost: try SSHCertificate.authorizedKey(ofIssued: record.certificate)
            case .x509, .session, .server: PEM.certificate(record.certificate)
            }
        self.init(
            kind: CertificateKind(record.kind), serial: record.serial, certificate: text,
            chain: record.kind == .x509 ? chain : nil, role: record.role, rule: record.rule, validAfter: record.validAfter,
            validBefore: record.validBefore, grant: record.grant, narrowed: narrowed)
    }
}

extension SSHCertificatePreview {
    init(_ permit: Permit, _ ssh: SSHPermit, lifetime: Duration, narrowed: [String]) {
        self.init(
            role: permit.role, rule: permit.rule.id, lifetime: Int(lifetime.components.seconds), principals: ssh.principals,
            extensions: ssh.extensions, forceCommand: ssh.forceCommand,
            sourceAddresses: ssh.sourceAddresses.map(\.description), narrowed: narrowed)
    }
}

extension IssuanceOutcome {
    /// What was issued, with its chain.
    /// - Throws: the refusal, or which approval is needed.
    func certificate(of authority: Authority) throws -> IssuedCertificate {
        switch self {
        case .denied(let refusal): throw refusal
        case .approvalNeeded(let needed): throw needed
        case .issued(let record, let narrowed):
            try IssuedCertificate(record, narrowed: narrowed, chain: authority.chain(of: record.issuer))
        }
    }
}

extension CertificateSummary {
    init(_ record: CertificateRecord) {
        self.init(
            kind: CertificateKind(record.kind), serial: record.serial, user: record.user, role: record.role,
            rule: record.rule, names: record.names, validAfter: record.validAfter, validBefore: record.validBefore,
            revokedAt: record.revokedAt, revocationReason: record.revocationReason, grant: record.grant,
            enrolment: record.enrolment)
    }
}

extension CertificateKind {
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

extension CertificateKind {
    init(_ kind: AuditEvent.CertificateKind) {
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
