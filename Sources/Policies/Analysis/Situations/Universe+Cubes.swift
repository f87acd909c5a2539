// SPDX-License-Identifier: Apache-2.0

extension Universe {
    /// The situations in which an allow rule certainly gives its right for the whole span, as cubes.
    func cubes(allowedBy clause: Clause, fromKnownAddress: Bool = false) -> [Cube] {
        cubes(clause, ifUnknown: false) { spans.throughout($0, atMost: clause.seconds ?? .max) }.map { cube in
            var cube = cube
            if fromKnownAddress { cube.require(.network, matching(addresses) { $0 != nil }) }
            cube.require(.reason, matching(reasons) { clause.reason?.isMet(by: $0) != false })
            cube.require(.ticket, matching(tickets) { clause.ticket?.isMet(by: $0) != false })
            return cube
        }
    }

    /// The situations in which a deny rule may hold at some time of the span.
    func cubes(deniedBy clause: Clause) -> [Cube] { cubes(clause, ifUnknown: true) { spans.partly($0) } }

    /// One cube for each thing that can put a person into the groups.
    /// - Parameter ifUnknown: whether what is unknown holds.
    private func cubes(_ clause: Clause, ifUnknown: Bool, _ times: (TimeTest) -> Set<Int>) -> [Cube] {
        var base = Cube()
        let (who, networks) = (clause.who, clause.condition.condition.networks)
        if who.namesUsers { base.require(.user, matching(users) { who.names($0) }) }
        if let provider = who.provider { base.require(.provider, matching(providers) { $0 == provider }) }
        if let wanted = who.mfa { base.require(.mfa, matching(mfa) { $0.map { $0 == wanted } ?? ifUnknown }) }
        if let limit = who.authenticatedWithin {
            base.require(.loginAge, matching(loginAges) { $0.map { $0 <= limit } ?? ifUnknown })
        }
        if !networks.isEmpty {
            base.require(
                .network, matching(addresses) { $0.map { address in networks.contains { $0.contains(address) } } ?? ifUnknown })
        }
        for claim in who.claims {
            let members = claims[claim.name] ?? []
            base.require(
                .claim(claim.name),
                matching(members) { $0.map { value in claim.accepted.contains { $0.accepts(value) } } ?? ifUnknown })
        }
        func with(_ time: TimeTest, _ attribute: Attribute? = nil, _ values: Set<Int> = []) -> Cube {
            var cube = base
            if let attribute { cube.require(attribute, values) }
            cube.require(.span, times(time))
            return cube
        }
        guard let extent = clause.condition.extent else { return [with(clause.membershipTime)] }
        let said = with(
            clause.membershipTime, .groups, matching(groups) { $0.map { extent.said.contains($0) } ?? ifUnknown })
        let members = with(clause.membershipTime, .user, matching(users) { extent.users.contains($0) })
        let turns = clause.turning.sorted().map { member in
            with(clause.turnTime(member), .user, matching(users) { $0 == member })
        }
        return [said, members] + turns
    }

    private func matching<Value>(_ values: [Value], _ holds: (Value) -> Bool) -> Set<Int> {
        Set(values.indices.filter { holds(values[$0]) })
    }
}

extension Who {
    func names(_ user: String) -> Bool {
        users.contains(user)
            || Identity(provider: "", user: user, groups: .unknown, claims: .unknown, mfa: .unknown).domain
                .map { userDomains.contains($0) } == true
    }
}

extension TextRequirement {
    fileprivate func isMet(by text: String?) -> Bool {
        guard let text else { return !isRequired }
        return pattern.map { $0.matches(text) } ?? true
    }
}
