// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import FoundationEssentials
import HTTPTypes
import Issuance
import Policies
import SSHCertificates
import ServiceAPI

/// Asking for access, deciding about it, and giving it back.
struct AccessRoutes: Sendable {
    let authority: Authority
    let clock: any WallClock

    private static let longestWait: UInt64 = 20  // seconds

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .post, path: Paths.accessRequests, answer: .session(request)),
            Endpoint(
                method: .get, path: Paths.accessRequests, query: ["mine", "open", "before"],
                answer: .session { try await list($0, onlyGrants: false) }),
            Endpoint(method: .get, path: Paths.accessRequest, query: ["wait"], answer: .session(show)),
            Endpoint(method: .get, path: Paths.accessRequestPage, answer: .anyone { try AccessRequestPage.reply($0.id) }),
            Endpoint(method: .post, path: Paths.accessApprovals, answer: .session(approve)),
            Endpoint(method: .post, path: Paths.accessDenials, answer: .session(deny)),
            Endpoint(method: .post, path: Paths.accessCancellation, answer: .session(cancel)),
            Endpoint(method: .post, path: Paths.accessReview, answer: .session(review)),
            Endpoint(
                method: .get, path: Paths.grants, query: ["mine", "open", "before"],
                answer: .session { try await list($0, onlyGrants: true) }),
            Endpoint(method: .post, path: Paths.grantEnd, answer: .session(end)),
            Endpoint(method: .post, path: Paths.grantRevocation, answer: .session(revoke)),
        ]
    }

    private func request(_ call: AuthenticatedCall) async throws -> Reply {
        let body = try call.call.decode(AccessRequestBody.self)
        let duration = body.duration.map { Duration.seconds(Int64($0)) }
        if let id = body.extends {
            let own: [(String, Bool)] = [
                ("role", body.role != nil), ("kind", body.kind != nil), ("host", body.host != nil),
                ("logins", body.logins != nil), ("names", body.names != nil), ("ticket", body.ticket != nil),
                ("starts", body.starts != nil), ("break_glass", body.breakGlass != nil),
            ]
            if let other = own.first(where: \.1) { throw CallError.malformed("`\(other.0)` is that of the grant in `extends`") }
            return try await reply(
                try await authority.requestExtension(
                    of: id, duration: duration, reason: body.reason, for: call.caller), status: .created)
        }
        guard let role = body.role else { throw CallError.malformed("`role` is missing") }
        let question = AccessQuestion(
            role: role, subject: try subject(of: body), duration: duration, reason: body.reason, ticket: body.ticket,
            starts: try body.starts.map(instant), isBreakGlass: body.breakGlass ?? false)
        return try await reply(try await authority.requestAccess(question, for: call.caller), status: .created)
    }

    private func instant(_ text: String) throws(CallError) -> Date {
        guard let instant = try? Date(text, strategy: .iso8601) else {
            throw .invalid("`starts` is not a time such as 2026-11-23T10:00:00Z")
        }
        return instant
    }

    private func subject(of body: AccessRequestBody) throws -> Policies.AuthorizationRequest.Subject {
        let kind = body.kind ?? .ssh
        if body.names != nil, kind != .x509 { throw CallError.malformed("`names` are for `x509`") }
        if body.logins != nil, kind != .ssh { throw CallError.malformed("`logins` are for `ssh`") }
        let host = try body.host.map { try HostName($0) }
        switch kind {
        case .ssh: return .ssh(logins: body.logins, host: host)
        case .sshHost:
            guard let host else { throw CallError.malformed("`host` is missing") }
            return .sshHost(host: host)
        case .x509:
            if host != nil { throw CallError.malformed("`host` is for SSH") }
            return .x509(names: try body.names.map { try X509Names(sorting: $0) })
        case .session, .server: throw CallError.invalid("`kind` is none that can be asked for")
        }
    }

    private func list(_ call: AuthenticatedCall, onlyGrants: Bool) async throws -> Reply {
        let found = try await authority.accessRequests(
            onlyOwn: try call.call.flag("mine"), onlyOpen: try call.call.flag("open"),
            before: try call.call.unsigned("before").map { Int($0) }, for: call.caller)
        let cases = onlyGrants ? found.cases.filter { $0.history.approvedAt != nil } : found.cases
        return try .json(AccessList(requests: try await views(cases), next: found.next))
    }

    private func show(_ call: AuthenticatedCall) async throws -> Reply {
        let wait = min(try call.call.unsigned("wait") ?? 0, Self.longestWait)
        return try await detail(
            try await authority.accessRequest(call.call.id, for: call.caller, waiting: .seconds(Int64(wait))))
    }

    private func approve(_ call: AuthenticatedCall) async throws -> Reply {
        let body = try call.call.decode(AccessApprovalBody.self)
        let given = ApprovalGiven(
            duration: body.duration.map { .seconds(Int64($0)) }, host: try body.host.map { try HostName($0) }, note: body.note,
            signature: body.signature)
        return try await reply(try await authority.approveAccess(call.call.id, given, by: call.caller))
    }

    private func deny(_ call: AuthenticatedCall) async throws -> Reply {
        let body = try call.call.decode(AccessNoteBody.self)
        return try await reply(try await authority.denyAccess(call.call.id, note: body.note, by: call.caller))
    }

    private func cancel(_ call: AuthenticatedCall) async throws -> Reply {
        _ = try call.call.decode(EmptyBody.self)
        return try await reply(try await authority.cancelAccess(call.call.id, by: call.caller))
    }

    private func review(_ call: AuthenticatedCall) async throws -> Reply {
        let body = try call.call.decode(AccessReviewBody.self)
        return try await reply(
            try await authority.reviewAccess(
                call.call.id, verdict: body.verdict == .fine ? .fine : .flagged, note: body.note, by: call.caller))
    }

    private func end(_ call: AuthenticatedCall) async throws -> Reply {
        _ = try call.call.decode(EmptyBody.self)
        return try await detail(try await authority.endGrant(call.call.id, by: call.caller))
    }

    private func revoke(_ call: AuthenticatedCall) async throws -> Reply {
        let body = try call.call.decode(AccessNoteBody.self)
        return try await detail(try await authority.revokeGrant(call.call.id, note: body.note, by: call.caller))
    }

    private func reply(_ found: AccessCase, status: HTTPResponse.Status = .ok) async throws -> Reply {
        try .json(try await view(found), status: status)
    }

    private func detail(_ found: AccessCase) async throws -> Reply {
        let certificates = try await authority.certificates(ofGrant: found.history.request.id)
        var sessions = HostSessionFilter(limit: Self.mostSessions)
        sessions.grant = found.history.request.id
        return try .json(
            AccessDetail(
                access: try await view(found), events: found.record.leaves.map { String(decoding: $0, as: UTF8.self) },
                certificates: certificates.map { CertificateSummary($0) },
                sessions: try await authority.hostSessions(matching: sessions).map { HostSessionSummary($0) },
                mutual: try await authority.mutualApprovals(of: found.history).map {
                    AccessMutualApproval(by: $0.person, request: $0.request, at: $0.at)
                }))
    }

    private static let mostSessions = 200

    private func view(_ found: AccessCase) async throws -> AccessView {
        AccessView(found, canDecide: try await authority.decidingPeople(on: [found]).first ?? [], at: clock.now)
    }

    private func views(_ cases: [AccessCase]) async throws -> [AccessView] {
        zip(cases, try await authority.decidingPeople(on: cases)).map { AccessView($0, canDecide: $1, at: clock.now) }
    }
}

extension AccessView {
    init(_ found: AccessCase, canDecide: [String], at now: Date) {
        let (history, request) = (found.history, found.history.request)
        let status = history.status(at: now)
        let taken = history.takenSeats
        self.init(
            id: request.id, state: status.rawValue, requester: request.requester.user, requestedAt: request.requestedAt,
            role: request.role, rule: request.rule, kind: CertificateKind(request.kind), host: history.host,
            logins: request.logins, names: request.names, duration: history.duration, reason: request.reason,
            ticket: request.ticket,
            steps: request.steps.enumerated().map { place, step in
                let agreed = place < taken.count ? taken[place] : 0
                return AccessStep(
                    approvers: step.approvers, count: step.count, agreed: agreed, isDone: agreed >= step.count)
            },
            approvals: history.approvals.map { AccessApproval($0, of: request) },
            canDecide: canDecide, breakGlass: request.review != nil,
            extends: request.extends, waitsUntil: status == .pending ? history.waitsUntil : nil,
            starts: history.start ?? request.starts,
            claimBefore: status == .approved || status == .scheduled ? history.lapse : nil, until: history.claim?.until,
            closed: history.closing.map { AccessDecision($0) }, reviewDue: history.reviewDue,
            reviewed: history.reviewed.map { AccessDecision($0) }, certificates: found.record.issued,
            approvedByRule: history.approvingRule,
            asked: history.duration == request.duration && history.host == request.host
                ? nil : AccessAsked(duration: request.duration, host: request.host),
            reviewers: request.review?.reviewers)
    }
}

extension AccessApproval {
    fileprivate init(_ approval: Approval, of request: AccessRequest) {
        self.init(
            by: approval.by.user, at: approval.at, duration: approval.duration, host: approval.host, note: approval.note,
            signedBy: (try? approval.verifiedSignature(of: request))?.key.fingerprint)
    }
}

extension AccessDecision {
    fileprivate init(_ event: AccessEvent) {
        var verdict: AccessVerdict?
        if case .reviewed(let found) = event.what { verdict = found == .fine ? .fine : .flagged }
        self.init(by: event.by?.user, at: event.time, verdict: verdict, note: event.note)
    }
}
