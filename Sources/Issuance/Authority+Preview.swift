// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Policies

/// What would be issued now, as far as it can be said without issuing.
package enum IssuancePreview: Sendable {
    /// - Parameters:
    ///   - lifetime: after the ceilings.
    ///   - narrowed: sentences, as in the reply to the issuing call.
    case possible(Permit, lifetime: Duration, narrowed: [String])
    case denied(DeniedError)
    case approvalNeeded(ApprovalNeededError)
}

extension Authority {
    /// Steps 4 to 6 of the issuance cycle, with the same answers. Nothing is signed, nothing used up and nothing recorded: a
    /// question that gives nothing leaves no trace, as with the list of roles.
    package func preview(_ request: IssuanceRequest, for caller: Caller) throws -> IssuancePreview {
        let moment = Moment(policies: policies.current.set, clock: clock)
        let question: AuthorizationRequest
        switch try self.question(for: request, from: caller, at: moment) {
        case .denied(let denial): return .denied(refusal(of: request, denial, asking: nil, from: caller, at: moment))
        case .asked(let asked): question = asked
        }
        switch moment.policies.decide(caller.identity, question, at: moment.now) {
        case .deny(let denial): return .denied(refusal(of: request, denial, asking: question, from: caller, at: moment))
        case .needsApproval(let offer):
            return .approvalNeeded(approvalNeeded(offer, grants: [], asking: question, from: caller, at: moment))
        case .allow(let permit):
            let limits = try Limits(permit, ceilings: ceilings, issuer: workloads.authority.certificate, at: moment.now)
            return .possible(permit, lifetime: limits.lifetime, narrowed: limits.narrowed)
        }
    }
}
