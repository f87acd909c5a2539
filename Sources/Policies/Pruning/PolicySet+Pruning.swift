// SPDX-License-Identifier: Apache-2.0

package import StrictYAML

extension PolicySet {
    /// The set without unused rights: people leave the lists of rules and groups, and roles and rules that nobody used go. Nobody
    /// gains anything, and no deny rule, approver or rotation loses anybody. Comments and layout of the files stay.
    ///
    /// - Parameter files: those this set was loaded from.
    /// - Throws: when what is left does not load; then nothing can be said of it.
    package func pruned(_ files: [PolicyFile], of unused: UnusedRights) throws(YAMLErrors) -> PrunedPolicies {
        var pruner = Pruner(set: self, files: files, unused: unused)
        pruner.prune()
        let pruned = pruner.files
        return PrunedPolicies(
            files: pruned, set: try PolicySet.load(pruned), removals: pruner.removals.map { $0.removal }, byHand: pruner.byHand)
    }
}

private struct Pruner {
    let set: PolicySet
    var files: [PolicyFile]
    private let originals: [PolicyFile]
    let unused: UnusedRights
    var removals: [(removal: PrunedPolicies.Removal, order: SourcePosition)] = []
    var byHand: [PrunedPolicies.Remainder] = []

    /// Rules that go as a whole.
    private var dead: Set<String> = []

    init(set: PolicySet, files: [PolicyFile], unused: UnusedRights) {
        (self.set, self.files, self.unused) = (set, files, unused)
        originals = files
    }

    mutating func prune() {
        // Break-glass is unused in good times.
        let rules = set.allows.filter { $0.approval?.isBreakGlass != true }
        dead = Set(rules.filter { rule in rule.roles.allSatisfy { isByNobody(rule, $0) } }.map(\.reference.id))
        // First: a rule whose tests cannot go cannot go either.
        for index in files.indices { removeTests(file: index) }
        for rule in rules where !dead.contains(rule.reference.id) {
            removeRoles(of: rule)
            removeUsers(of: rule)
        }
        for group in set.definedGroups { removeMembers(of: group) }
        // Last, for the places of rules in their lists are those of the files as they were.
        for index in files.indices { removeDeadRules(file: index) }
        removals.sort { $0.order.precedes($1.order) }
    }

    private func isByNobody(_ rule: AllowRule, _ role: String) -> Bool {
        unused.byNobody.contains(.init(rule: rule.reference.id, role: role))
    }

    // MARK: Rules

    private mutating func removeRoles(of rule: AllowRule) {
        guard rule.roles.contains(where: { isByNobody(rule, $0) }), let found = node(of: rule),
            let members = texts(found.node, [.key("roles")])
        else { return }
        func covered(_ pattern: String) -> Set<String> {
            let wildcard = Wildcard(pattern)
            return rule.roles.filter { wildcard.matches($0) }
        }
        let indexes = members.indices.filter { covered(members[$0].text).allSatisfy { isByNobody(rule, $0) } }
        remove(
            Set(indexes), of: members, file: found.file, at: found.path + [.key("roles")],
            "of `roles` of rule `\(rule.reference.id)`")
    }

    private mutating func removeUsers(of rule: AllowRule) {
        let roles = rule.roles.filter { !isByNobody(rule, $0) }
        let going = rule.condition.who.users.filter { mayGo($0, by: [(rule, roles)]) }
        guard !going.isEmpty, let found = node(of: rule) else { return }
        let path = [YAMLRemoval.Step.key("who"), .key("users")]
        guard let members = texts(found.node, path) else {
            // One user alone, of a rule that somebody else used: only one who is no longer meant by it.
            leave(going.sorted().map { "`\($0)` of rule `\(rule.reference.id)`" }, "it would leave the rule without users")
            return
        }
        remove(
            Set(members.indices.filter { going.contains(members[$0].text) }), of: members, file: found.file,
            at: found.path + path, "of `users` of rule `\(rule.reference.id)`")
    }

    /// Whether somebody has something unused by these rules, and nothing that is to stay.
    private func mayGo(_ user: String, by rules: [(rule: AllowRule, roles: Set<String>)]) -> Bool {
        let rights = rules.flatMap { rule, roles in
            roles.map { UnusedRights.Right(user: user, rule: rule.reference.id, role: $0) }
        }
        return unused.kept.isDisjoint(with: rights) && !unused.unused.isDisjoint(with: rights)
    }

    /// Tests that want a rule which goes: a set with them would not load.
    private mutating func removeTests(file: Int) {
        let going = set.tests.filter { $0.position.file == files[file].name && !dead.isDisjoint(with: $0.wantedRules) }
        guard !going.isEmpty, case .list(let members)? = root(of: originals[file])?.descendant([.key("tests")])?.value else {
            return
        }
        let places = Set(going.map(\.position))
        let indexes = members.indices.filter { places.contains(members[$0].position) }
        let whole = YAMLRemoval(.entry("tests"), at: [])
        let some = YAMLRemoval(.members(Set(indexes)), at: [.key("tests")])
        guard apply(indexes.count == members.count ? whole : some, file: file) else {
            let rules = going.reduce(into: Set<String>()) { $0.formUnion($1.wantedRules) }.intersection(dead)
            dead.subtract(rules)
            return leave(rules.sorted().map { "rule `\($0)`" }, "its tests cannot be cut out by themselves")
        }
        removals += going.map { test in
            let removal = PrunedPolicies.Removal(
                what: "test `\(test.name)`, which wants a rule that goes", place: test.position.fileAndLine)
            return (removal: removal, order: test.position)
        }
    }

    private mutating func removeDeadRules(file: Int) {
        let going = set.allows.filter { dead.contains($0.reference.id) && $0.reference.position.file == files[file].name }
        guard !going.isEmpty, let root = root(of: files[file]),
            case .list(let members)? = root.descendant([.key("allow")])?.value
        else { return }
        let indexes = members.indices.filter { index in
            members[index].descendant([.key("id")]).flatMap(\.plainText).map { dead.contains($0) } ?? false
        }
        let facts = going.map {
            PrunedPolicies.Removal(
                what: "rule `\($0.reference.id)`, which nobody used", place: $0.reference.position.fileAndLine)
        }
        let orders = going.map(\.reference.position)
        let whole = YAMLRemoval(.entry("allow"), at: [])
        let some = YAMLRemoval(.members(Set(indexes)), at: [.key("allow")])
        if apply(indexes.count == members.count ? whole : some, file: file) {
            removals += zip(facts, orders).map { (removal: $0, order: $1) }
        } else {
            leave(going.map { "rule `\($0.reference.id)`" }, "its text cannot be cut out by itself")
        }
    }

    // MARK: Groups

    private mutating func removeMembers(of group: Group) {
        let names = enclosing(group.name)
        let naming = set.allows.filter {
            !dead.contains($0.reference.id) && !$0.condition.who.groups.isDisjoint(with: names)
        }
        let rules = naming.map { rule in (rule: rule, roles: rule.roles.filter { !isByNobody(rule, $0) }) }
        let going = group.members.filter { mayGo($0, by: rules) }
        guard !going.isEmpty else { return }
        let people = going.sorted().map { "`\($0)` of group `\(group.name)`" }
        if let deny = set.denies.first(where: { !$0.condition.who.groups.isDisjoint(with: names) }) {
            return leave(people, "deny rule `\(deny.reference.id)` means the group: whoever leaves it would gain")
        }
        let approving = set.allows.first { rule in
            guard let approval = rule.approval, !dead.contains(rule.reference.id) else { return false }
            return !approval.namedGroups.isDisjoint(with: names)
        }
        if let approving {
            return leave(people, "the group approves, or reviews, what rule `\(approving.reference.id)` gives")
        }
        guard let file = files.firstIndex(where: { $0.name == group.position.file }), let root = root(of: files[file]) else {
            return
        }
        let path: [YAMLRemoval.Step] = [.key("groups"), .key(group.name)]
        guard let members = texts(root, path + [.key("members")]) else { return }
        let indexes = Set(members.indices.filter { going.contains(members[$0].text) })
        guard indexes.count == members.count else {
            return remove(indexes, of: members, file: file, at: path + [.key("members")], "of group `\(group.name)`")
        }
        // Nobody would be left in the list, and an empty one is not written.
        let isOnlyMembers = group.groups.isEmpty && group.rotation == nil
        let removal =
            isOnlyMembers
            ? YAMLRemoval(.entry(group.name), at: [.key("groups")]) : YAMLRemoval(.entry("members"), at: path)
        guard apply(removal, file: file) else {
            return leave(people, "they are all of its members; take the group out by hand")
        }
        note(members, "of group `\(group.name)`", file: file, at: path + [.key("members")])
    }

    /// The group, and every group that it brings its members into.
    private func enclosing(_ name: String) -> Set<String> {
        var found: Set = [name]
        var open = [name]
        while let next = open.popLast() {
            for group in set.definedGroups where group.groups.contains(next) && found.insert(group.name).inserted {
                open.append(group.name)
            }
        }
        return found
    }

    // MARK: Text

    private mutating func remove(
        _ indexes: Set<Int>, of members: [Located], file: Int, at path: [YAMLRemoval.Step], _ what: String
    ) {
        guard !indexes.isEmpty else { return }
        let going = indexes.sorted().map { members[$0] }
        guard indexes.count < members.count else {
            return leave(going.map { "`\($0.text)` \(what)" }, "nothing would be left in the list")
        }
        guard apply(YAMLRemoval(.members(indexes), at: path), file: file) else {
            return leave(going.map { "`\($0.text)` \(what)" }, "its text cannot be cut out by itself")
        }
        note(going, what, file: file, at: path)
    }

    /// With the places they had before anything was taken out.
    private mutating func note(_ members: [Located], _ what: String, file: Int, at path: [YAMLRemoval.Step]) {
        let before = root(of: originals[file]).flatMap { texts($0, path) } ?? members
        for member in members {
            let position = (before.first { $0.text == member.text } ?? member).position
            let removal = PrunedPolicies.Removal(what: "`\(member.text)` \(what)", place: position.fileAndLine)
            removals.append((removal: removal, order: position))
        }
    }

    private mutating func apply(_ removal: YAMLRemoval, file: Int) -> Bool {
        guard let bytes = removal.applied(to: files[file].bytes, limit: PolicyFile.maximumBytes) else { return false }
        files[file] = PolicyFile(name: files[file].name, bytes: bytes)
        return true
    }

    private mutating func leave(_ what: [String], _ why: String) {
        byHand += what.map { .init(what: $0, why: why) }
    }

    private func root(of file: PolicyFile) -> YAMLNode? {
        var problems = YAMLProblems()
        return YAMLNode.parse(file.bytes, file: file.name, limit: PolicyFile.maximumBytes, &problems)
    }

    private func node(of rule: AllowRule) -> (file: Int, node: YAMLNode, path: [YAMLRemoval.Step])? {
        guard let file = files.firstIndex(where: { $0.name == rule.reference.position.file }), let root = root(of: files[file]),
            case .list(let members)? = root.descendant([.key("allow")])?.value,
            let index = members.firstIndex(where: { $0.descendant([.key("id")])?.plainText == rule.reference.id })
        else { return nil }
        return (file, members[index], [.key("allow"), .member(index)])
    }

    private func texts(_ node: YAMLNode, _ path: [YAMLRemoval.Step]) -> [Located]? {
        guard case .list(let members)? = node.descendant(path)?.value else { return nil }
        let found = members.compactMap { member in
            member.plainText.map { Located(text: $0, position: member.position) }
        }
        return found.count == members.count ? found : nil
    }
}

extension PolicyTest {
    fileprivate var wantedRules: Set<String> {
        switch expectation {
        case .allow(let rule, _), .approval(let rule, _), .deny(let rule?): [rule]
        case .deny(nil): []
        }
    }
}

extension YAMLNode {
    fileprivate var plainText: String? { if case .scalar(let text, _) = value { text } else { nil } }
}
