// SPDX-License-Identifier: Apache-2.0

extension PolicySet {
    /// Whether an identity is within reach of `capability`: at some place, at some time.
    package func mayEverHave(_ capability: Capability, _ identity: Identity) -> Bool {
        var somewhere = identity
        somewhere.address = nil
        let asker = Asker(somewhere, groupsByMember: groupsByMember)
        return roles.values.contains { role in
            role.capabilities.contains(capability)
                && allowsByRole[role.name, default: []].contains { rule in
                    rule.condition.mismatches(asker).allSatisfy { $0 == .addressUnknown }
                }
                && !deniesByRole[role.name, default: []].contains { $0.condition.mismatches(asker).isEmpty }
        }
    }
}
