// SPDX-License-Identifier: Apache-2.0

/// A name of a role: text, a pattern, or a template that makes another name of everybody.
struct RoleName: Hashable {
    let template: Template
    let place: NamePlace

    /// The one value in it. nil: there is none, or several, or a pattern beside it; of these it is not known who gets what.
    var variable: TemplateVariable? {
        let variables = template.variables
        return variables.count == 1 && !template.isPattern ? variables.first : nil
    }

    /// What it can give, where every value stays within a label.
    var form: HostPattern? {
        guard template.isLiteral || variable.map({ $0 != .userDomain }) ?? false else { return nil }
        return filled("*")
    }

    func filled(_ value: String) -> HostPattern? { try? HostPattern(text(with: value)) }

    func text(with value: String) -> String {
        template.parts.map { if case .literal(let text) = $0 { text } else { value } }.joined()
    }
}

/// Names and hosts of one right that others tell apart from the rest of it, and the ways to just these.
struct RightKind {
    /// One of the names, where the right is not to one name alone.
    var name: String?
    /// One of the hosts; nil: they are all the hosts of the right.
    let host: String?
    /// The way itself, and the others, for those who get this name from them.
    let way: RightWay
    let ways: [RightWay]
    /// Why these may not be all the ways.
    var problem: Incomparable?
}

extension RightWay {
    /// Every name and host of this right is of one of these kinds.
    /// - Parameter others: ways to rights of the same sort: of names, all that go to the same place.
    func kinds(among others: [RightWay]) -> [RightKind] {
        let same = others.filter { $0.atom.what == atom.what }
        guard let name = atom.name, others.contains(where: { $0.atom.what != atom.what && $0.canGiveNames(of: name.place) })
        else {
            return hostKinds(among: same)
        }
        if name.template.isLiteral, name.place != .dnsName {
            return hostKinds(among: others.compactMap { $0.giving(name.template.text) })
        }
        if name.place == .dnsName, let form = name.form { return kinds(of: form, among: others) }
        guard let variable = name.variable else { return hostKinds(among: same) }
        let names = Set(others.compactMap(\.atom.name))
        let special = Set(names.flatMap { specialNames($0, among: others) })
        let known = Self.knownValues(of: variable, in: [self] + others)
        let rest = excluding(special, of: variable, known: known)
        return rest.hostKinds(among: same) + special.sorted().flatMap { kinds(named: $0, among: others) }
    }

    private func canGiveNames(of place: NamePlace) -> Bool { atom.name?.place == place }

    private func kinds(named name: String, among others: [RightWay]) -> [RightKind] {
        guard let way = giving(name) else { return [] }
        return way.hostKinds(among: others.compactMap { $0.giving(name) }).map { kind in
            var kind = kind
            kind.name = name
            return kind
        }
    }

    /// Names that another gives to somebody of whom rules know; or to all.
    private func specialNames(_ name: RoleName, among others: [RightWay]) -> [String] {
        if name.template.isLiteral { return name.template.isPattern ? [] : [name.template.text] }
        guard let variable = name.variable, name != atom.name else { return [] }
        return Self.knownValues(of: variable, in: [self] + others).map(name.text)
    }

    /// As far as it gives this name. nil: it gives it to nobody, or it is not known to whom.
    private func giving(_ name: String) -> RightWay? {
        guard let own = atom.name else { return nil }
        if own.template.isLiteral {
            if own.template.text == name { return self }
            guard own.place == .dnsName, let host = try? HostName(name), own.form?.matches(host) == true else { return nil }
            return self
        }
        guard let variable = own.variable, let value = own.template.value(giving: name, as: own.place) else { return nil }
        var way = self
        way.clause.named = NameTest(variable: variable, values: [value])
        return way
    }

    /// As far as it gives other names than these.
    private func excluding(_ names: Set<String>, of variable: TemplateVariable, known: Set<String>) -> RightWay {
        guard let own = atom.name else { return self }
        func value(_ name: String) -> String? { own.template.value(giving: name, as: own.place) }
        // Nor those that it makes of nobody.
        let unsuitable = known.filter { value(own.text(with: $0)) == nil }
        var way = self
        way.clause.named = NameTest(
            variable: variable, values: unsuitable.union(names.compactMap(value)), isExcluding: true,
            takesDomains: value(own.text(with: "someone@example.com")) != nil)
        return way
    }

    /// Users, their domains and texts of a claim that rules name: only these do they tell apart.
    private static func knownValues(of variable: TemplateVariable, in ways: [RightWay]) -> Set<String> {
        // Rules do not ask for it, and there may be very many users.
        guard variable != .userLogin else { return [] }
        let clauses = ways.flatMap { [$0.clause] + $0.denies.map(\.clause) }
        let users = clauses.reduce(into: Set<String>()) { $0.formUnion($1.namedUsers) }
        switch variable {
        case .userLogin: return []
        case .userName: return users
        case .userDomain:
            return Set(users.compactMap { Identity.domain(of: $0) }).union(clauses.flatMap(\.who.userDomains))
        case .claim(let claim):
            let accepted = clauses.flatMap(\.who.claims).filter { $0.name == claim }.flatMap(\.accepted)
            return Set(
                accepted.compactMap { accepted in
                    if case .value(.string(let text)) = accepted { text } else { nil }
                })
        }
    }

    /// Of DNS names, which patterns give too. What a template gives is a pattern as well, of which everybody has one name.
    private func kinds(of form: HostPattern, among others: [RightWay]) -> [RightKind] {
        let all = [self] + others
        let names = Set(all.compactMap(\.atom.name))
        let apart = names.flatMap { name -> [HostPattern] in
            guard let variable = name.variable else { return [name.form].compactMap(\.self) }
            // A template gives no name without a value, and some values are those of people whom rules know.
            let known = Self.knownValues(of: variable, in: all).union([""]).compactMap { name.filled($0) }.filter(\.isExact)
            return [name.form].compactMap(\.self) + known
        }
        guard let found = form.kinds(toldApartBy: Set(apart)) else {
            let rivals = others.filter { $0.atom.what == atom.what || $0.hasAll(of: form) }
            let problem = Incomparable(reason: "the patterns of hosts are too many or too large")
            return [RightKind(host: nil, way: self, ways: rivals, problem: problem)]
        }
        let kinds = found.compactMap { kind -> RightKind? in
            guard let way = giving(kind.example) else { return nil }
            let ways = others.compactMap { $0.giving(kind.example) }
            let isAlike = found.count == 1 && ([way] + ways).allSatisfy { $0.clause.named == nil }
            return RightKind(host: isAlike ? nil : kind.example, way: way, ways: ways)
        }
        guard case .claim? = atom.name?.variable, let variable = atom.name?.variable else { return kinds }
        // Patterns of claims tell more of these names apart than patterns of names do.
        let isMet = others.contains {
            $0.atom.name?.variable == nil && !$0.hasAll(of: form) && $0.atom.name?.form?.isExact == false
        }
        let rest = RightKind(
            host: nil,
            way: excluding(
                Set(found.map(\.example)), of: variable, known: Self.knownValues(of: variable, in: all)),
            ways: others.filter { $0.atom.what == atom.what || $0.hasAll(of: form) },
            problem: isMet ? Incomparable(reason: "a claim makes the name, and patterns have some of these names") : nil)
        return kinds + [rest]
    }

    private func hasAll(of form: HostPattern) -> Bool {
        atom.name?.template.isLiteral == true && atom.name?.form.map { form.isWithin($0) } == true
    }
}
