// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
package import Policies

/// A "no" of the policy on its way to the caller.
package struct DeniedError: Error {
    package let denial: Denial

    package init(denial: Denial) {
        self.denial = denial
    }
}

/// A rule would give it after an approval, on its way to the caller.
package struct ApprovalNeededError: Error {
    package let offer: ApprovalOffer
    /// Sentences: why the grants that the caller has do not do.
    package let grants: [String]

    package init(offer: ApprovalOffer, grants: [String]) {
        self.offer = offer
        self.grants = grants
    }
}

extension Authority {
    package func hasCapability(_ capability: Capability, _ caller: Caller) -> Bool {
        if case .allow = policies.current.set.hasCapability(capability, caller.identity, at: clock.now) { true } else { false }
    }

    /// - Throws: `DeniedError`, after the refusal is in the log.
    package func requireCapability(_ capability: Capability, of caller: Caller) async throws {
        let set = policies.current.set
        guard case .deny(let denial) = set.hasCapability(capability, caller.identity, at: clock.now) else { return }
        let event = AuditEvent(
            time: AuditTime(clock.now), type: .certificateDenied, actor: .init(caller.identity, session: caller.session),
            request: .init(id: caller.requestID, capability: capability.rawValue), policy: set.digest,
            decision: .init(result: .deny, reasons: denial.reasons.map(\.description)))
        try await commit(try CommitEntry(event: event))
        throw DeniedError(denial: denial)
    }
}
