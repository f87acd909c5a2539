// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

extension PolicySet {
    /// Decides, and says what was found of each rule for the role.
    package func explain(_ identity: Identity, _ request: AuthorizationRequest, at instant: Date) -> Explanation {
        let role = roles[request.role]
        let isOfCapabilities = role.map(\.kinds.isEmpty) ?? false
        return Explanation(
            role: role?.reference,
            steps: steps(
                to: request.role, identity, Justification(reason: request.reason, ticket: request.ticket), at: instant),
            decision: isOfCapabilities ? nil : decide(identity, request, at: instant))
    }

    private func steps(
        to role: String, _ identity: Identity, _ justification: Justification, at instant: Date
    ) -> [Explanation.Step] {
        let asker = Asker(identity, groups: groups, at: instant)
        let denying = denies.filter { $0.roles.contains(role) }.map { rule in
            Explanation.Step(
                rule: rule.reference, effect: .deny, applies: rule.condition.mayHold(asker),
                because: rule.condition.mismatches(asker))
        }
        let allowing = allows.filter { $0.roles.contains(role) }.map { rule in
            let because = rule.condition.mismatches(asker) + rule.mismatches(justification)
            return Explanation.Step(rule: rule.reference, effect: .allow, applies: because.isEmpty, because: because)
        }
        return denying + allowing
    }
}
