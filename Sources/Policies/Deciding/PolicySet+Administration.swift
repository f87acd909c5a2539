// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

extension PolicySet {
    /// Whether an identity is within reach of `capability`: at some place, at some time, after a new login.
    package func mayEverHave(_ capability: Capability, _ identity: Identity, at instant: Date) -> Bool {
        var somewhere = identity
        somewhere.address = nil
        somewhere.authenticatedAt = .known(instant)
        let asker = Asker(somewhere, groups: groups, at: instant)
        return roles.values.contains { role in
            role.capabilities.contains(capability)
                && allows.contains { rule in
                    rule.roles.contains(role.name)
                        && rule.condition.mismatches(asker).allSatisfy { $0 == .addressUnknown || $0.passes }
                }
                && !denies.contains { rule in
                    rule.roles.contains(role.name) && rule.condition.windows.isEmpty
                        && rule.condition.mismatches(asker).isEmpty
                }
        }
    }
}
