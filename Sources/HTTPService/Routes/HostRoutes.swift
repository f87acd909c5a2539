// SPDX-License-Identifier: Apache-2.0

import Authentication
import FoundationEssentials
import HTTPTypes
import Issuance
import Policies
import ServiceAPI

/// Hosts that enrol, renew and report by themselves, and the people who watch them and remove them.
struct HostRoutes: Sendable {
    let authenticator: HostAuthenticator
    let authority: Authority
    private let limits: EnrolmentLimits

    init(authenticator: HostAuthenticator, authority: Authority, clock: any WallClock, failures: FailedLogins) {
        self.authenticator = authenticator
        self.authority = authority
        limits = EnrolmentLimits(clock: clock, failures: failures)
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .post, path: Paths.hostEnrolment, answer: .anyone(enrol)),
            Endpoint(method: .post, path: Paths.hostRenewal, answer: .anyone(renew)),
            Endpoint(method: .post, path: Paths.hostReports, answer: .anyone(report)),
            Endpoint(method: .get, path: Paths.hosts, query: ["after"], answer: .capability(.hostsRead, list)),
            Endpoint(
                method: .get, path: Paths.hostSessions, query: ["host", "open"], answer: .capability(.hostsRead, sessions)),
            Endpoint(
                method: .get, path: Paths.hostEnforcement, query: ["version", "after"],
                answer: .capability(.hostsRead, enforcement)),
            Endpoint(method: .post, path: Paths.hostRemovals, answer: .capability(.hostsRemove, remove)),
        ]
    }

    private func enrol(_ call: Call) async throws -> Reply {
        let request = try await limits.decode(HostEnrolmentRequest.self, call)
        return try await issue(
            to: try await proven(call) { try await authenticator.enrolling(request, address: call.address) }, call)
    }

    private func renew(_ call: Call) async throws -> Reply {
        let request = try await limits.decode(HostRenewalRequest.self, call)
        return try await issue(
            to: try await proven(call) { try await authenticator.renewing(request, address: call.address) }, call)
    }

    private func report(_ call: Call) async throws -> Reply {
        let request = try await limits.decode(HostReportRequest.self, call)
        let host = try await proven(call) { try await authenticator.reporting(request, address: call.address) }
        guard case .certificate(let certificate) = host.proof else { throw EnrolmentRefusal.signatureInvalid }
        let (report, sessions) = try report(request, of: host.name, with: certificate, call)
        try await authority.record(report, sessions, of: host, requestID: call.requestID)
        return .noContent
    }

    private func list(_ call: AuthenticatedCall) async throws -> Reply {
        let hosts = try await authority.hosts(after: call.call.query["after"], limit: Self.pageSize)
        return try .json(
            HostList(
                hosts: hosts.map { HostSummary($0) }, next: hosts.next(\.name, ofPage: Self.pageSize)))
    }

    private func sessions(_ call: AuthenticatedCall) async throws -> Reply {
        var filter = HostSessionFilter(limit: Self.pageSize)
        filter.host = call.call.query["host"]
        filter.onlyOpen = try call.call.flag("open")
        return try .json(
            HostSessionList(sessions: try await authority.hostSessions(matching: filter).map { HostSessionSummary($0) }))
    }

    private func enforcement(_ call: AuthenticatedCall) async throws -> Reply {
        let version = try call.call.unsigned("version")
        let lists = try await authority.enforcement(of: version)
        var sessions: [HostSessionSummary]?
        if let version {
            sessions = try await authority.sessions(revokedAfter: try call.call.unsigned("after") ?? 0, upTo: version)
                .map { HostSessionSummary($0) }
        }
        return try .json(EnforcementReply(lists: lists.map { ListEnforcementSummary($0) }, sessions: sessions))
    }

    private static let pageSize = 500

    private func remove(_ call: AuthenticatedCall) async throws -> Reply {
        let request = try call.call.decode(HostRemovalRequest.self)
        let host = try await authority.removeHost(
            try HostName(request.host), reason: request.reason, by: call.caller)
        return try .json(HostSummary(host))
    }

    private func proven(_ call: Call, _ prove: () async throws -> ProvenHost) async throws -> ProvenHost {
        try await limits.proven(call, name: { $0.name.text }, prove)
    }

    private func issue(to host: ProvenHost, _ call: Call) async throws -> Reply {
        let outcome = try await authority.issueHostCertificate(to: host, requestID: call.requestID)
        return try .json(
            HostCertificateReply(
                issued: try outcome.certificate(of: authority), zones: authority.zones(of: host.name)), status: .created)
    }

    /// What the host says, within limits: it ends up in the database and on terminals.
    private func report(
        _ request: HostReportRequest, of host: HostName, with certificate: CertificateReference, _ call: Call
    ) throws -> (HostReport, [HostSession]) {
        let document = try call.decode(HostReportDocument.self, from: Data(request.report.utf8))
        let ended = document.endedSessions ?? [], open = document.openSessions ?? []
        let texts =
            document.userCAKeys + document.zones + [document.clientVersion] + (document.problem.map { [$0] } ?? [])
            + (ended + open).flatMap { session in
                [session.id, session.reason, session.login]
                    + [session.issuer, session.serial, session.address].compactMap(\.self)
            }
        guard document.userCAKeys.count <= 16, document.zones.count <= 256,
            texts.allSatisfy({
                $0.utf8.count <= 500 && !$0.unicodeScalars.contains { $0.properties.generalCategory == .control }
            }),
            [document.revocationListVersion, document.sessionsListVersion].allSatisfy({ version in
                version.map { Int64(exactly: $0) != nil } ?? true
            }),
            max(ended.count, open.count) <= ReportedSession.mostInReport,
            Set((ended + open).map(\.id)).count == ended.count + open.count,
            ended.allSatisfy({ $0.outcome == .ended || $0.outcome == .killed }), open.allSatisfy(\.outcome.isOpen)
        else { throw CallError.invalid("`report` has a member that is too long, not plain text, or out of place") }
        let report = HostReport(
            time: Date(timeIntervalSince1970: Double(request.proof.time)), certificate: certificate,
            revocationListVersion: document.revocationListVersion, userCAKeys: document.userCAKeys, zones: document.zones,
            clientVersion: document.clientVersion, sessionsListVersion: document.sessionsListVersion,
            problem: document.problem)
        return (report, (ended + open).map { HostSession($0, on: host) })
    }
}

extension HostSession {
    fileprivate init(_ session: ReportedSession, on host: HostName) {
        var certificate: CertificateReference?
        if let issuer = session.issuer, let serial = session.serial {
            certificate = CertificateReference(issuer: issuer, serial: serial)
        }
        let outcome: Outcome =
            switch session.outcome {
            case .ended: .ended
            case .killed: .killed
            case .notEnded: .notEnded
            case .undetermined: .undetermined
            case .gone: .gone
            }
        self.init(
            host: host.text, id: session.id, outcome: outcome, reason: session.reason, certificate: certificate,
            login: session.login, address: session.address, since: session.since, at: session.at,
            lastsUntil: session.lastsUntil)
    }
}

extension HostSessionSummary {
    init(_ session: HostSession) {
        let outcome: ReportedSession.Outcome =
            switch session.outcome {
            case .ended: .ended
            case .killed: .killed
            case .notEnded: .notEnded
            case .undetermined: .undetermined
            case .gone: .gone
            }
        self.init(
            host: session.host,
            session: ReportedSession(
                id: session.id, outcome: outcome, reason: session.reason, issuer: session.certificate?.issuer,
                serial: session.certificate?.serial, login: session.login, address: session.address, since: session.since,
                at: session.at, lastsUntil: session.lastsUntil))
    }
}

extension ListEnforcementSummary {
    private static let mostStale = 100

    fileprivate init(_ enforcement: ListEnforcement) {
        self.init(
            version: enforcement.list.number, madeAt: enforcement.list.madeAt, certificates: enforcement.certificates,
            hosts: enforcement.hosts, enforcing: enforcement.enforcing, staleCount: enforcement.stale.count,
            stale: enforcement.stale.prefix(Self.mostStale).map {
                .init(host: $0.name, version: $0.version, reportedAt: $0.reportedAt)
            }, watching: enforcement.watching, checked: enforcement.checked, exposedUntil: enforcement.exposedUntil)
    }
}

extension HostSummary {
    fileprivate init(_ host: HostRecord) {
        self.init(
            name: host.name, role: host.role, zones: host.zones, publicKey: host.publicKey, enrolledAt: host.enrolledAt,
            certificateSerial: host.certificate.serial, certificateIssuer: host.certificate.issuer,
            certificateValidBefore: host.validBefore, removedAt: host.removedAt, reportedAt: host.report?.time,
            reportedIssuer: host.report?.certificate.issuer,
            report: host.report.map {
                HostReportDocument(
                    revocationListVersion: $0.revocationListVersion, userCAKeys: $0.userCAKeys, zones: $0.zones,
                    clientVersion: $0.clientVersion, sessionsListVersion: $0.sessionsListVersion, problem: $0.problem)
            }, endedSessions: host.endedSessions, openSessions: host.openSessions)
    }
}
