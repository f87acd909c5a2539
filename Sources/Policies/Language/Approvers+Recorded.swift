// SPDX-License-Identifier: Apache-2.0

/// Requests for access keep who was to agree in these words, and they are read again after the rule is gone. Exactly what
/// `description` writes is read, and nothing else.
///
/// INVARIANT: no name has a backtick; the loader sees to it.
extension Approvers: LosslessStringConvertible {
    package init?(_ description: String) {
        var rest = description[...]
        var who = Who()
        if let groups = Self.names("group", &rest) {
            who.groups = Set(groups)
            if rest.hasPrefix(Self.and) { rest.removeFirst(Self.and.count) }
        }
        for user in Self.names("user", &rest) ?? [] {
            if user.hasPrefix("*@") { who.userDomains.insert(String(user.dropFirst(2))) } else { who.users.insert(user) }
        }
        if rest == Self.secondFactor { who.mfa = true }
        guard who.namesUsers || !who.groups.isEmpty else { return nil }
        self.init(who)
        // What was left over, in another order or given twice, comes out otherwise.
        guard self.description == description else { return nil }
    }

    static let and = " and "
    static let secondFactor = " with a second factor"

    /// Takes `groups `a`, `b`` from the front.
    private static func names(_ word: String, _ rest: inout Substring) -> [String]? {
        guard rest.hasPrefix(word) else { return nil }
        var after = rest.dropFirst(word.count)
        if after.hasPrefix("s ") { after.removeFirst() }
        guard after.hasPrefix(" `") else { return nil }
        var names: [String] = []
        repeat {
            after.removeFirst(2)
            guard let end = after.firstIndex(of: "`"), end > after.startIndex else { return nil }
            names.append(String(after[..<end]))
            after = after[after.index(after: end)...]
            if after.hasPrefix(",") { after.removeFirst() } else { break }
        } while after.hasPrefix(" `")
        rest = after
        return names
    }
}

extension ApprovalStep: LosslessStringConvertible {
    package init?(_ description: String) {
        let parts = description.split(separator: " of ", maxSplits: 1)
        guard parts.count == 2, let count = Int(parts[0]), count > 0, let by = Approvers(String(parts[1])) else { return nil }
        self.init(by: by, count: count)
        guard self.description == description else { return nil }
    }
}

extension Approvers {
    /// Whether one of the groups, users or domains that this names is named there too.
    package func sharesName(with other: Approvers) -> Bool {
        !groups.isDisjoint(with: other.groups) || !users.isDisjoint(with: other.users)
            || !userDomains.isDisjoint(with: other.userDomains)
    }
}
