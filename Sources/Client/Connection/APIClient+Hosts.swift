// SPDX-License-Identifier: Apache-2.0

package import ServiceAPI

/// What hosts ask for, and what people ask about hosts.
extension APIClient {
    /// May be repeated: the same key and name get the same certificate for the same token.
    package func enrolHost(_ request: HostEnrolmentRequest) async throws -> HostCertificateReply {
        try await issue(Paths.hostEnrolment, request)
    }

    package func renewHost(_ request: HostRenewalRequest) async throws -> HostCertificateReply {
        try await post(Paths.hostRenewal, request)
    }

    package func reportHost(_ request: HostReportRequest) async throws {
        try await submit(Paths.hostReports, request)
    }

    /// All hosts, by name.
    package func hosts() async throws -> [HostSummary] {
        try await pages(of: "hosts", \HostList.hosts, \.next, <) { try await get(Paths.hosts, ["after": $0]) }
    }

    /// SSH sessions that hosts ended or could not end, newest first.
    package func hostSessions(onlyOpen: Bool) async throws -> [HostSessionSummary] {
        let list: HostSessionList = try await get(Paths.hostSessions, ["open": onlyOpen ? "true" : nil])
        return list.sessions
    }

    /// How far revocation lists have come.
    /// - Parameters:
    ///   - version: only this one, with the sessions of the certificates it and those after `previous` name.
    package func enforcement(of version: UInt64? = nil, after previous: UInt64? = nil) async throws -> EnforcementReply {
        try await get(
            Paths.hostEnforcement, ["version": version.map { "\($0)" }, "after": previous.map { "\($0)" }])
    }

    package func removeHost(_ request: HostRemovalRequest) async throws -> HostSummary {
        try await post(Paths.hostRemovals, request)
    }
}

extension APIClient {
    /// The newest key revocation list; nil when after `wait` seconds there is none newer than `version`.
    package func revocationList(after version: UInt64?, wait: Int) async throws -> RevokedKeysDocument? {
        try await getIfAny(
            Paths.revokedKeys, ["after": version.map { "\($0)" }, "wait": wait > 0 ? "\(wait)" : nil])
    }
}
