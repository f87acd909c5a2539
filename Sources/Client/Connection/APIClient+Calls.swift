// SPDX-License-Identifier: Apache-2.0

package import ServiceAPI

extension APIClient {
    package func authorities() async throws -> Authorities {
        let found: Authorities = try await get(Paths.authorities)
        // They end up in files that other programs trust, and on terminals.
        let texts = [
            found.name, found.sshUserCA, found.sshHostCA, found.root, found.issuing, found.service, found.log,
        ]
        guard texts.allSatisfy({ $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control || $0 == "\n" } })
        else { throw ClientError.unexpectedReply("the keys of the authority are not plain text") }
        return found
    }

    package func challenge(_ request: LoginChallengeRequest) async throws -> LoginChallenge {
        try await post(Paths.loginChallenges, request)
    }

    package func openSession(_ request: SessionRequest) async throws -> SessionReply {
        try await post(Paths.sessions, request)
    }

    func loginProviders() async throws -> LoginProviderList { try await get(Paths.loginProviders) }

    func beginAuthorization(_ request: AuthorizationRequest) async throws -> Authorization {
        try await post(Paths.loginAuthorizations, request)
    }

    func openSession(_ request: AuthorizationSessionRequest) async throws -> SessionReply {
        try await post(Paths.authorizationSessions, request)
    }

    func beginDevice(_ request: DeviceRequest) async throws -> Device { try await post(Paths.loginDevices, request) }

    func openSession(_ request: DeviceSessionRequest) async throws -> SessionReply {
        try await post(Paths.deviceSessions, request)
    }

    func openSession(_ request: TokenSessionRequest) async throws -> SessionReply {
        try await issue(Paths.tokenSessions, request)
    }

    package func endSession() async throws { try await delete(Paths.currentSession) }

    /// Open sessions: the caller's own, `user`'s, or everybody's, the newest first.
    package func sessions(user: String? = nil, ofEverybody: Bool = false) async throws -> [SessionSummary] {
        let found = try await pages(of: "the list", \SessionList.sessions, \.next, <) { after in
            try await get(Paths.sessions, ["user": user, "all": ofEverybody ? "true" : nil, "after": after])
        }
        return found.sorted { ($0.createdAt, $0.serial) > ($1.createdAt, $1.serial) }
    }

    package func endSessions(_ request: SessionEndingRequest) async throws -> SessionEndingReply {
        try await post(Paths.sessionEndings, request)
    }

    package func whoami() async throws -> WhoAmI { try await get(Paths.whoami) }

    package func roles() async throws -> RoleList { try await get(Paths.roles) }

    /// Everybody whom the server knows before they come, by name.
    package func people() async throws -> [PersonSummary] {
        try await pages(of: "people", \PersonList.people, \.next, <) { try await get(Paths.people, ["after": $0]) }
    }

    package func status() async throws -> ServiceStatus { try await get(Paths.status) }

    package func reloadPolicies(_ request: PolicyReloadRequest) async throws -> ServiceStatus {
        try await post(Paths.policyReloads, request)
    }

    package func issueSSH(_ request: SSHCertificateRequest) async throws -> IssuedCertificate {
        try await issue(Paths.sshCertificates, request)
    }

    package func previewSSH(_ request: SSHCertificateRequest) async throws -> SSHCertificatePreview {
        try await post(Paths.sshCertificatePreviews, request)
    }

    package func issueSSHHost(_ request: SSHHostCertificateRequest) async throws -> IssuedCertificate {
        try await issue(Paths.sshHostCertificates, request)
    }

    package func issueX509(_ request: X509CertificateRequest) async throws -> IssuedCertificate {
        try await issue(Paths.x509Certificates, request)
    }

    /// The newest that match, at most `limit`.
    package func certificates(
        user: String? = nil, role: String? = nil, host: String? = nil, onlyActive: Bool = false, limit: Int
    ) async throws -> [CertificateSummary] {
        try await pages(of: "the inventory", \CertificateList.certificates, \.next, >, limit: limit) { before in
            try await get(
                Paths.certificates,
                [
                    "user": user, "role": role, "host": host, "active": onlyActive ? "true" : nil,
                    "before": before.map(String.init),
                ])
        }
    }

    package func revoke(_ request: RevocationRequest) async throws -> RevocationReply {
        try await post(Paths.revocations, request)
    }

    package func release(_ request: ReleaseRequest) async throws -> CertificateSummary {
        try await post(Paths.releases, request)
    }

    package func revocationLists() async throws -> RevocationListsDocument { try await get(Paths.revocationLists) }

    /// The lists; nil when after `wait` seconds there are no others than those of `version`.
    func revocationLists(after version: String?, wait: Int) async throws -> RevocationListsDocument? {
        try await getIfAny(Paths.revocationLists, ["after": version, "wait": wait > 0 ? "\(wait)" : nil])
    }

    package func auditEvents(from: UInt64, limit: Int) async throws -> AuditPage {
        let page: AuditPage = try await get(Paths.auditEvents, ["from": "\(from)", "limit": "\(limit)"])
        guard page.from == from, page.leaves.count <= limit else {
            throw ClientError.unexpectedReply("these are not the entries that were asked for")
        }
        return page
    }

    package func auditCheckpoint() async throws -> AuditCheckpoint { try await get(Paths.auditCheckpoint) }

    package func auditConsistency(from: UInt64, to: UInt64) async throws -> AuditConsistency {
        try await get(Paths.auditConsistency, ["from": "\(from)", "to": "\(to)"])
    }
}
