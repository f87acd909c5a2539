// SPDX-License-Identifier: Apache-2.0

/// A name that two sources of identity could both assert, or a token that two providers could both take. Who answers for it
/// would depend on where somebody logged in, so nothing is loaded.
package enum ProviderOverlap: Error, Hashable, CustomStringConvertible {
    case domain(String, String, String)
    case groups(String, String, String, String)
    case logins(String, String)
    case audience(String, String, String)
    case localUser(String, provider: String)
    case localGroup(String, user: String, provider: String)

    package var description: String {
        switch self {
        case .domain(let domain, let first, let second):
            "providers `\(first)` and `\(second)` both assert users of `\(domain)`"
        case .groups(let pattern, let first, let other, let second):
            "provider `\(first)` asserts group `\(pattern)`, and provider `\(second)` `\(other)`"
        case .logins(let first, let second):
            "providers `\(first)` and `\(second)` both assert logins"
        case .audience(let audience, let first, let second):
            "providers `\(first)` and `\(second)` both take tokens of one issuer for `\(audience)`"
        case .localUser(let user, let provider):
            "user `\(user)` is in the user file, and provider `\(provider)` asserts users of that domain"
        case .localGroup(let group, let user, let provider):
            "user `\(user)` is in group `\(group)` by the user file, and provider `\(provider)` asserts that group"
        }
    }

    /// Among providers.
    package static func among(_ providers: [ProviderDeclaration]) -> [ProviderOverlap] {
        var found: [ProviderOverlap] = []
        for (index, first) in providers.enumerated() {
            for second in providers[(index + 1)...] {
                if first.issuer == second.issuer, first.audience == second.audience {
                    found.append(.audience(first.audience, first.name, second.name))
                }
                guard let ours = first.people, let theirs = second.people else { continue }
                found += ours.domains.filter(theirs.domains.contains).map { .domain($0, first.name, second.name) }
                for pattern in ours.groups {
                    found += theirs.groups.filter(pattern.overlaps).map {
                        .groups(pattern.description, first.name, $0.description, second.name)
                    }
                }
                if ours.loginClaim != nil, theirs.loginClaim != nil { found.append(.logins(first.name, second.name)) }
            }
        }
        return found
    }

    /// Between providers and the user file.
    package static func of(_ providers: [ProviderDeclaration], with users: LocalUsers) -> [ProviderOverlap] {
        var found: [ProviderOverlap] = []
        for provider in providers {
            guard let people = provider.people else { continue }
            for user in users.all {
                // As it is compared with what a token says.
                let name = user.name.lowercased()
                if people.domains.contains(where: { name.hasSuffix("@" + $0) }) {
                    found.append(.localUser(user.name, provider: provider.name))
                }
                found += user.groups.sorted().filter { group in people.groups.contains { $0.matches(group) } }
                    .map { .localGroup($0, user: user.name, provider: provider.name) }
            }
        }
        return found
    }
}
