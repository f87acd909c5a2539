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
            if steps.isEmpty, !isTheSame(history, at: moment) { throw AccessError.ruleChanged(rule: history.request.rule) }
            try history.checkApproval(
                by: person, steps: steps, duration: duration, host: given.host?.text, at: moment.instant)
            if given.host != nil, history.request.kind != .ssh { throw AccessError.noHostToNarrow }
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
        try AuthorizationRequest.check(reason: note)
        let moment = Moment(policies: policies.current.set, clock: clock)
        let found = try await accessCase(id, visibleTo: caller, at: moment)
        if found.history.status(at: moment.instant) != .pending, found.history.status(at: moment.instant).isOpen {
            return try await revokeGrant(id, note: note, by: caller)
        }
        return try await decidingOn(id, as: .accessDenied, note: note, by: caller) { found, moment in
            guard let person = Person(caller) else { throw AuthorityError.personNoLongerKnown }
            let steps = steps(of: found.history, for: caller.identity, at: moment)
            guard try found.history.denial(by: person, isApprover: !steps.isEmpty, at: moment.instant) == .denied else {
                // The quorum came in between; what was to be a denial must not become one without its certificates.
                throw AccessError.busy
            }
            return event(.accessDenied, of: found, by: caller, note: note, at: moment)
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

    /// As `changing`; what an approver decides too late is kept, once, before it is refused.
    private func decidingOn(
        _ id: String, as type: AuditEvent.Kind, note: String?, by caller: Caller,
        _ decide: (AccessCase, Moment) throws -> AuditEvent
    ) async throws -> AccessCase {
        var tooLate: AccessRefusal?
        let found = try await changing(id, by: caller) { found, moment in
            do {
                return try decide(found, moment)
            } catch let refusal as AccessRefusal {
                guard case .over = refusal, !found.history.late.contains(where: { $0.by == Person(caller) }) else {
                    throw AccessError.refused(refusal)
                }
                tooLate = refusal
                var event = event(type, of: found, by: caller, note: note, at: moment)
                if type == .accessApproved { event.access?.steps = [] }
                return event
            }
        }
        if let tooLate { throw AccessError.refused(tooLate) }
        return found
    }

    private func isTheSame(_ history: AccessHistory, at moment: Moment) -> Bool {
        guard let requirement = moment.policies.approval(ofRule: history.request.rule) else { return false }
        return history.request.wantsTheSame(as: requirement)
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
