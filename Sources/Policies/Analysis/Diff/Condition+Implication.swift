// SPDX-License-Identifier: Apache-2.0

/// A condition with the groups of the set it stands in. Implication is judged clause by clause: what is said to follow does;
/// what follows only from several clauses together is not found.
struct GroundedCondition: Hashable {
    let condition: Condition
    let extent: GroupExtent?

    init(_ condition: Condition, in definitions: [String: Group]) {
        self.condition = condition
        extent = condition.who.groups.isEmpty ? nil : GroupExtent(condition.who.groups, in: definitions)
    }

    /// Whether `other` holds whenever this does; the same of "may hold".
    func implies(_ other: GroundedCondition) -> Bool {
        condition.who.impliesAllButGroups(other.condition.who) && impliesGroups(of: other)
            && condition.impliesPlaceAndTime(of: other.condition)
    }

    private func impliesGroups(of other: GroundedCondition) -> Bool {
        guard let wider = other.extent else { return true }
        if let extent, extent.isWithin(wider) { return true }
        let who = condition.who
        return !who.users.isEmpty && who.userDomains.isEmpty && who.users.isSubset(of: wider.users)
    }
}

extension Who {
    fileprivate func impliesAllButGroups(_ other: Who) -> Bool {
        if other.isEveryone { return true }
        return impliesUsers(of: other) && (other.provider == nil || provider == other.provider)
            && other.claims.allSatisfy { wanted in claims.contains { $0.implies(wanted) } }
            && (other.mfa == nil || mfa == other.mfa)
            && (other.authenticatedWithin.map { limit in authenticatedWithin.map { $0 <= limit } ?? false } ?? true)
    }

    private func impliesUsers(of other: Who) -> Bool {
        guard other.namesUsers else { return true }
        return namesUsers && userDomains.isSubset(of: other.userDomains)
            && users.allSatisfy { user in
                other.users.contains(user) || other.userDomains.contains { Identity.domain(of: user) == $0 }
            }
    }
}

extension ClaimRequirement {
    fileprivate func implies(_ other: ClaimRequirement) -> Bool {
        name == other.name && accepted.allSatisfy { mine in other.accepted.contains { $0.covers(mine) } }
    }
}

extension ClaimRequirement.Accepted {
    fileprivate func covers(_ other: Self) -> Bool {
        if self == other { return true }
        guard case .glob(let glob) = self, case .value(.string(let text)) = other else { return false }
        return glob.matches(text)
    }
}

extension Condition {
    fileprivate func impliesPlaceAndTime(of other: Condition) -> Bool {
        let place =
            other.networks.isEmpty
            || !networks.isEmpty && networks.allSatisfy { mine in other.networks.contains { $0.contains(mine) } }
        let time =
            other.windows.isEmpty
            || !windows.isEmpty && windows.allSatisfy { mine in other.windows.contains { mine.isOpenLike($0) } }
        return place && time
    }
}

extension Window {
    /// By whatever name.
    fileprivate func isOpenLike(_ other: Window) -> Bool {
        days == other.days && hours == other.hours && dates == other.dates && zone == other.zone
    }
}
