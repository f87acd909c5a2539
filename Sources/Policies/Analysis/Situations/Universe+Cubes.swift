// SPDX-License-Identifier: Apache-2.0

extension Universe {
    /// The situations in which an allow rule certainly gives its right for the whole span, as cubes.
    func cubes(allowedBy clause: Clause, fromKnownAddress: Bool = false) -> [Cube] {
        var demands = Cube()
        if fromKnownAddress { demands.require(.network, matching(addresses) { $0 != nil }) }
        if let reason = clause.reason { demands.require(.reason, matching(reasons) { reason.isMet(by: $0) }) }
        if let ticket = clause.ticket { demands.require(.ticket, matching(tickets) { ticket.isMet(by: $0) }) }
        return cubes(clause, ifUnknown: false) { spans.throughout($0, atMost: clause.seconds) }.map { $0.within(demands) }
    }

    /// The situations in which a deny rule may hold at some time of the span.
    func cubes(deniedBy clause: Clause) -> [Cube] { cubes(clause, ifUnknown: true) { spans.partly($0) } }

    /// One cube for each thing that can put a person into the groups.
    /// - Parameter ifUnknown: whether what is unknown holds.
    private func cubes(_ clause: Clause, ifUnknown: Bool, _ times: (TimeTest) -> ValueSet) -> [Cube] {
        var base = Cube()
        let (who, networks) = (clause.who, clause.condition.condition.networks)
        if who.namesUsers { base.require(.user, users(who.users, of: who.userDomains)) }
        if let provider = who.provider { base.require(.provider, matching(providers) { $0 == provider }) }
        if let wanted = who.mfa { base.require(.mfa, matching(mfa) { $0.map { $0 == wanted } ?? ifUnknown }) }
        if let limit = who.authenticatedWithin {
            base.require(.loginAge, matching(loginAges) { $0.map { $0 <= limit } ?? ifUnknown })
        }
        if !networks.isEmpty {
            base.require(
                .network, matching(addresses) { $0.map { address in networks.contains { $0.contains(address) } } ?? ifUnknown })
        }
        if let named = clause.named { base.require(attribute(of: named), holders(of: named)) }
        for claim in who.claims {
            base.require(
                claimAttribute(claim.name),
                matching(claims[claim.name] ?? []) {
                    $0.map { value in claim.accepted.contains { $0.accepts(value) } } ?? ifUnknown
                })
        }
        func with(_ time: TimeTest, _ attribute: Attribute? = nil, _ values: ValueSet = []) -> Cube {
            var cube = base
            if let attribute { cube.require(attribute, values) }
            cube.require(.span, times(time))
            return cube
        }
        guard let extent = clause.condition.extent else { return [with(clause.membershipTime)] }
        var saying = ValueSet(extent.said.compactMap { groupPlaces[$0] })
        if ifUnknown { saying.insert(0) }
        let said = with(clause.membershipTime, .groups, saying)
        let members = with(clause.membershipTime, .user, users(extent.users))
        let turns = clause.turning.sorted().map { member in
            with(clause.turnTime(member), .user, users([member]))
        }
        return [said, members] + turns
    }

    func attribute(of named: NameTest) -> Attribute {
        switch named.variable {
        case .userName, .userDomain: .user
        case .userLogin: .login
        case .claim(let name): claimAttribute(name)
        }
    }

    private func holders(of named: NameTest) -> ValueSet {
        switch named.variable {
        case .userName:
            ValueSet(users.indices.filter { named.accepts(users[$0]) && ($0 == 0 || isNamed($0) || named.takesDomains) })
        case .userDomain: matching(users) { named.accepts(Identity.domain(of: $0)) }
        case .userLogin: matching(logins) { $0.map { named.accepts($0) } ?? named.isExcluding }
        case .claim(let name):
            matching(claims[name] ?? []) { if case .string(let text)? = $0 { named.accepts(text) } else { false } }
        }
    }

    /// The situations in which a claim that makes a name is not one text alone, so that it makes none.
    func cubes(namelessFor clause: Clause) -> [Cube] {
        guard let named = clause.named, case .claim = named.variable else { return [] }
        let attribute = attribute(of: named)
        let accepted = holders(of: named)
        let others = ValueSet(0..<sizes[attribute.index]).subtracting(accepted)
        let members = accepted.members
        let pairs = members.flatMap { one in
            members.filter { $0 > one }.map { Cube().requiring(attribute, [one]).requiring(attribute, [$0]) }
        }
        return pairs + (others.isEmpty ? [] : [Cube().requiring(attribute, others)])
    }

    private func matching<Value>(_ values: [Value], _ holds: (Value) -> Bool) -> ValueSet {
        ValueSet(values.indices.filter { holds(values[$0]) })
    }
}

extension Who {
    func names(_ user: String) -> Bool {
        users.contains(user)
            || Identity.domain(of: user).map { userDomains.contains($0) } == true
    }
}

extension TextRequirement {
    fileprivate func isMet(by text: String?) -> Bool {
        guard let text else { return !isRequired }
        return pattern.map { $0.matches(text) } ?? true
    }
}
