// SPDX-License-Identifier: Apache-2.0

import StrictYAML

package import struct FoundationEssentials.Date

extension PolicySet {
    /// Decides, and says what was found of each rule for the role.
    package func explain(_ identity: Identity, _ request: AuthorizationRequest, at instant: Date) -> Explanation {
        let isOfCapabilities = roles[request.role].map(\.kinds.isEmpty) ?? false
        return explain(
            isOfCapabilities ? nil : decide(identity, request, at: instant), of: .role(request.role), for: identity,
            reason: request.reason, ticket: request.ticket, at: instant)
    }

    /// The rules behind a decision of this set, as `identity` may see them: what of them is not met, never whom else they name.
    /// - Parameter decision: nil for a role of capabilities alone, which is taken and not issued.
    package func explain(
        _ decision: Decision?, of subject: Explanation.Subject, for identity: Identity, reason: String? = nil,
        ticket: String? = nil, at instant: Date
    ) -> Explanation {
        let found = self.roles(for: subject).sorted { $0.name < $1.name }
        let asker = Asker(identity, groups: groups, at: instant)
        return Explanation(
            subject: subject, roles: found.map(\.reference),
            steps: found.flatMap { steps(to: $0.name, asker, Justification(reason: reason, ticket: ticket)) },
            decision: decision)
    }

    private func roles(for subject: Explanation.Subject) -> [Role] {
        switch subject {
        case .role(let name): [roles[name]].compactMap(\.self)
        case .capability(let capability): roles.values.filter { $0.capabilities.contains(capability) }
        case .host(let host):
            roles.values.filter { $0.ssh?.zones.contains { $0.contains(host) } ?? false }
        }
    }

    private func steps(to role: String, _ asker: Asker, _ justification: Justification) -> [Explanation.Step] {
        let denying = (deniesByRole[role]?.all ?? []).map { place in
            let rule = denies[place]
            return Explanation.Step(
                role: role, rule: rule.reference, effect: .deny, applies: rule.condition.mayHold(asker),
                because: rule.condition.mismatches(asker))
        }
        let allowing = (allowsByRole[role]?.all ?? []).map { place in
            let rule = allows[place]
            let because = rule.condition.mismatches(asker) + rule.mismatches(justification)
            return Explanation.Step(
                role: role, rule: rule.reference, effect: .allow, applies: because.isEmpty,
                needsApproval: rule.approval?.kind == .byPeople, because: because)
        }
        return denying + allowing
    }
}
