// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicyLoader {
    mutating func readWho(_ node: YAMLNode) -> Who? {
        let hint = "`who` names nobody; write `everyone: true` if all are meant"
        if case .mapping(let entries) = node.value, entries.isEmpty {
            problems.add(node.position, hint)
            return nil
        }
        let known = ["everyone", "user", "users", "groups", "provider", "claims", "mfa", "authenticated_within"]
        guard let fields = fields(node, "`who`", known: known) else { return nil }
        var who = Who()
        if let everyone = fields["everyone"], let isEveryone = flag(everyone, "`everyone`") {
            if !isEveryone { problems.add(everyone.position, hint) }
            if known.dropFirst().contains(where: { fields[$0] != nil }) {
                problems.add(everyone.position, "`everyone` stands alone; leave out either it or the rest")
            }
            who.isEveryone = true
        }
        if let user = fields["user"] {
            if fields["users"] != nil { problems.add(user.position, "write all users under `users`") }
            if let name = text(user, "`user`") { add(Located(text: name, position: user.position), to: &who) }
        }
        readPeople(fields, into: &who)
        who.provider = fields["provider"].flatMap { text($0, "`provider`") }
        who.authenticatedWithin = fields["authenticated_within"].flatMap { duration($0, "`authenticated_within`") }
        if let claims = fields["claims"] {
            who.claims = claimRequirements(claims, "`claims`")
            if fields["provider"] == nil {
                problems.add(claims.position, "`claims` needs `provider`: each provider has claims of its own")
            }
        }
        return who
    }

    /// What `who` and the `by` of an approval share.
    mutating func readPeople(_ fields: Fields, into who: inout Who) {
        for found in fields["users"].map({ texts($0, "`users`") }) ?? [] { add(found, to: &who) }
        who.groups = Set(fields["groups"].map { groupNames($0) } ?? [])
        who.mfa = fields["mfa"].flatMap { flag($0, "`mfa`") }
    }

    mutating func groupNames(_ node: YAMLNode) -> [String] {
        texts(node, "`groups`").compactMap { found in
            if Names.isDirectoryName(found.text) { return found.text }
            problems.add(found.position, "`\(found.text)` is not a group; groups are listed one by one")
            return nil
        }
    }

    private mutating func add(_ user: Located, to who: inout Who) {
        if Names.isDirectoryName(user.text) {
            who.users.insert(user.text)
        } else if user.text.hasPrefix("*@"), Names.isDNSName(String(user.text.dropFirst(2))) {
            who.userDomains.insert(String(user.text.dropFirst(2)))
        } else {
            problems.add(user.position, "`\(user.text)` is not a user; expected a name or all of a domain, `*@example.com`")
        }
    }
}
