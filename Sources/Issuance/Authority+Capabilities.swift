// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
package import Policies

/// A "no" of the policy on its way to the caller, and the path to it.
package struct DeniedError: Error {
    package let denial: Denial
    /// Sentences: why the grants that the caller has do not do.
    package let grants: [String]
    /// As the caller may see it: about themselves, by the set that decided.
    package let explanation: Explanation

    package init(denial: Denial, grants: [String] = [], explanation: Explanation) {
        self.denial = denial
        self.grants = grants
        self.explanation = explanation
    }
}

/// A rule would give it after an approval, on its way to the caller.
package struct ApprovalNeededError: Error {
    package let offer: ApprovalOffer
    /// Sentences: why the grants that the caller has do not do.
    package let grants: [String]
    /// As the caller may see it: about themselves, by the set that decided.
    package let explanation: Explanation
}

extension Authority {
    package func hasCapability(_ capability: Capability, _ caller: Caller) -> Bool {
        if case .allow = policies.current.set.hasCapability(capability, caller.identity, at: clock.now) { true } else { false }
    }

    /// - Throws: `DeniedError`, after the refusal is in the log.
    package func requireCapability(_ capability: Capability, of caller: Caller) async throws {
        let moment = Moment(policies: policies.current.set, clock: clock)
        let set = moment.policies
        guard case .deny(let denial) = set.hasCapability(capability, caller.identity, at: moment.now) else { return }
        let event = AuditEvent(
            time: AuditTime(clock.now), type: .certificateDenied, actor: .init(caller.identity, session: caller.session),
            request: .init(id: caller.requestID, capability: capability.rawValue), policy: set.digest,
            decision: .init(result: .deny, reasons: denial.sentences))
        try await commit(try CommitEntry(event: event))
        throw DeniedError(
            denial: denial,
            explanation: set.explain(.deny(denial), of: .capability(capability), for: caller.identity, at: moment.now))
    }
}
