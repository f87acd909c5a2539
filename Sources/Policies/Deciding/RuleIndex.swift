// SPDX-License-Identifier: Apache-2.0

/// The rules that cover one role, found by what their `who` names, so that a decision looks only at those that could apply.
///
/// Each rule stands under one part of its `who` that has to hold: under the users, the groups, the provider, or apart.
struct RuleIndex: Sendable {
    /// Places among the rules of the set, ascending.
    private(set) var all: [Int] = []
    private var byUser: [String: [Int]] = [:]
    private var byDomain: [String: [Int]] = [:]
    private var byGroup: [String: [Int]] = [:]
    private var byProvider: [String: [Int]] = [:]
    private var apart: [Int] = []

    /// Places are added in ascending order.
    mutating func add(_ who: Who, at place: Int) {
        all.append(place)
        // Groups are smaller than domains.
        if who.namesUsers, who.userDomains.isEmpty || who.groups.isEmpty {
            for user in who.users { byUser[user, default: []].append(place) }
            for domain in who.userDomains { byDomain[domain, default: []].append(place) }
        } else if !who.groups.isEmpty {
            for group in who.groups { byGroup[group, default: []].append(place) }
        } else if let provider = who.provider {
            byProvider[provider, default: []].append(place)
        } else {
            apart.append(place)
        }
    }

    /// For `deny`: every rule that may hold is among them, ascending. Unknown groups may be any.
    func possible(for asker: Asker) -> [Int] {
        if case .unknown = asker.identity.groups { all } else { certain(for: asker) }
    }

    /// For `allow`: every rule that certainly holds is among them, ascending.
    func certain(for asker: Asker) -> [Int] { places(for: asker, in: asker.groups) }

    /// For `deny`: every rule that may hold at one time or another is among them, ascending.
    func everPossible(for asker: Asker) -> [Int] {
        if case .unknown = asker.identity.groups { all } else { places(for: asker, in: asker.groupsAtAnyTime) }
    }

    private func places(for asker: Asker, in groups: Set<String>) -> [Int] {
        var found = apart
        if let user = asker.identity.user, let places = byUser[user] { found += places }
        if let domain = asker.domain, let places = byDomain[domain] { found += places }
        if let places = byProvider[asker.identity.provider] { found += places }
        for group in groups {
            if let places = byGroup[group] { found += places }
        }
        return found.count > apart.count ? Self.ascending(found) : found
    }

    /// A rule that names two groups of a person is found twice.
    private static func ascending(_ places: [Int]) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(places.count)
        for place in places.sorted() where place != result.last { result.append(place) }
        return result
    }
}
