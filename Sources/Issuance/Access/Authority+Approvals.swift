// SPDX-License-Identifier: Apache-2.0

package import AccessRequests
import AuditLog
import FoundationEssentials
import Policies
import SSHCertificates

/// What others decide about a request.
extension Authority {
    /// Agrees, or shortens and narrows. A decision that comes too late is on record and refused.
    package func approveAccess(_ id: String, _ given: ApprovalGiven, by caller: Caller) async throws -> AccessCase {
        try AuthorizationRequest.check(reason: given.note)
        return try await decidingOn(id, as: .accessApproved, note: given.note, by: caller) { found, moment in
            guard let person = Person(caller) else { throw AuthorityError.personNoLongerKnown }
            let history = found.history
            let steps = steps(of: history, for: caller.identity, at: moment)
            let duration = try seconds(given.duration)
            if steps.isEmpty, let change = history.request.change(to: moment.policies.approval(ofRule: history.request.rule)) {
                throw AccessError.ruleChanged(rule: history.request.rule, change)
            }
            try history.checkApproval(
                by: person, steps: steps, duration: duration, host: given.host?.text, at: moment.instant)
            if let host = given.host {
                guard history.request.kind == .ssh else { throw AccessError.noHostToNarrow }
                if let problem = moment.policies.problem(reaching: host, withRole: history.request.role) {
                    throw AccessError.hostOutside(problem)
                }
            }
            try checkSignature(of: given, duration, on: history.request, by: caller, at: moment)
            var event = event(.accessApproved, of: found, by: caller, note: given.note, at: moment)
            event.access?.steps = steps.sorted()
            event.access?.duration = duration
            event.access?.host = given.host?.text
            event.access?.signature = given.signature
            return event
        }
    }

    /// Says no: before the quorum that ends the request, after it it takes the grant and all its certificates away.
    package func denyAccess(_ id: String, note: String, by caller: Caller) async throws -> AccessCase {
        try await takeAway(id, note: note, by: caller, onlyIfApproved: false)
    }

    /// The same, of what is approved.
    package func revokeGrant(_ id: String, note: String, by caller: Caller) async throws -> AccessCase {
        try await takeAway(id, note: note, by: caller, onlyIfApproved: true)
    }

    private func takeAway(
        _ id: String, note: String, by caller: Caller, onlyIfApproved: Bool
    ) async throws -> AccessCase {
        try AuthorizationRequest.check(reason: note)
        return try await retrying {
            let moment = Moment(policies: policies.current.set, clock: clock)
            let found = try await accessCase(id, visibleTo: caller, at: moment)
            guard let person = Person(caller) else { throw AuthorityError.personNoLongerKnown }
            let isDone: Bool
            do {
                let what = try found.history.denial(
                    by: person, mayTakeAway: mayTakeAway(found.history, caller, at: moment), at: moment.instant)
                if what == .revoked {
                    isDone = try await close(found, as: .accessRevoked, note: note, by: caller, at: moment)
                } else if onlyIfApproved {
                    throw AccessRefusal.notActive(.pending)
                } else {
                    let denied = event(.accessDenied, of: found, by: caller, note: note, at: moment)
                    isDone = try await write(denied, to: found, by: caller, at: moment)
                }
            } catch let refusal as AccessRefusal {
                let late = try late(.accessDenied, after: refusal, on: found, note: note, by: caller, at: moment)
                guard try await write(late, to: found, by: caller, at: moment) else { return nil }
                throw AccessError.tooLate(found.history.status(at: moment.instant))
            }
            return isDone ? try await accessCase(id) : nil
        }
    }

    /// Closes the review of what was taken as break-glass.
    package func reviewAccess(
        _ id: String, verdict: AccessEvent.Verdict, note: String, by caller: Caller
    ) async throws -> AccessCase {
        try AuthorizationRequest.check(reason: note)
        return try await decidingOn(id, as: .accessReviewed, note: note, by: caller) { found, moment in
            guard let person = Person(caller) else { throw AuthorityError.personNoLongerKnown }
            try found.history.checkReview(
                by: person, isReviewer: isReviewer(of: found.history, caller.identity, at: moment))
            var event = event(.accessReviewed, of: found, by: caller, note: note, at: moment)
            event.access?.verdict = verdict.rawValue
            return event
        }
    }

    /// As `changing`; what is decided too late is kept before it is refused.
    private func decidingOn(
        _ id: String, as type: AuditEvent.Kind, note: String?, by caller: Caller,
        _ decide: (AccessCase, Moment) throws -> AuditEvent
    ) async throws -> AccessCase {
        var tooLate: AccessError?
        let found = try await changing(id, by: caller) { found, moment in
            do {
                return try decide(found, moment)
            } catch let refusal as AccessRefusal {
                let late = try late(type, after: refusal, on: found, note: note, by: caller, at: moment)
                tooLate = .tooLate(found.history.status(at: moment.instant))
                return late
            }
        }
        if let tooLate { throw tooLate }
        return found
    }

    /// Of one person about one request: more in other words say nothing new.
    private static let mostLateActs = 10

    /// What is to be on record of a decision that came too late.
    /// - Throws: when nothing is: it is there already, there are too many, or it was refused for something else.
    private func late(
        _ type: AuditEvent.Kind, after refusal: AccessRefusal, on found: AccessCase, note: String?, by caller: Caller,
        at moment: Moment
    ) throws -> AuditEvent {
        guard case .over(let status) = refusal else { throw AccessError.refused(refusal) }
        var event = event(type, of: found, by: caller, note: note, at: moment)
        if type == .accessApproved { event.access?.steps = [] }
        let own = found.history.late.filter { $0.by == Person(caller) }
        if let act = try AccessEvent(event), own.contains(where: act.repeats) { throw AccessError.tooLate(status) }
        guard own.count < Self.mostLateActs else { throw AccessError.refused(refusal) }
        return event
    }

    private func seconds(_ duration: Duration?) throws(AccessError) -> Int? {
        guard let duration else { return nil }
        guard duration > .zero, duration.components.attoseconds == 0, let seconds = Int(exactly: duration.components.seconds)
        else { throw .durationOutOfRange }
        return seconds
    }

    /// Whoever has SSH keys that are known here signs; so does everybody where the rule wants it, then or now.
    private func checkSignature(
        of given: ApprovalGiven, _ duration: Int?, on request: AccessRequest, by caller: Caller, at moment: Moment
    ) throws {
        let wanted = request.signatures(under: moment.policies.approval(ofRule: request.rule))
        guard let signature = given.signature else {
            guard caller.keys.isEmpty, wanted.isEmpty else { throw AccessError.signatureNeeded }
            return
        }
        let statement = ApprovalStatement(
            digest: request.digest, approver: caller.identity.user ?? "", duration: duration, host: given.host?.text,
            note: given.note)
        let verified: VerifiedSignature
        do { verified = try statement.verify(signature) } catch { throw AccessError.signatureInvalid("\(error)") }
        guard caller.keys.contains(verified.key) else { throw AccessError.keyUnknown(fingerprint: verified.key.fingerprint) }
        guard !wanted.contains(ApprovalSignature.touch.rawValue) || verified.securityKey != nil else {
            throw AccessError.touchNeeded
        }
    }
}
