// SPDX-License-Identifier: Apache-2.0

import Policies

/// A test of the file: somebody the rule means, or a stranger, asks for a role.
struct TestDraft {
    enum Outcome {
        /// `facts`: what the certificate holds, in the words of `expect`.
        case allowed(by: String, lifetime: Duration, facts: [(String, PolicyText)])
        case refused
    }

    let sentence: String
    let asker: Asker
    let role: String
    /// `host` or `names`, where the role needs it.
    let detail: (key: String, value: PolicyText)?
    let outcome: Outcome

    var text: PolicyText {
        let expect: [(String, PolicyText)] =
            switch outcome {
            case .refused: [("deny", .word("true"))]
            case .allowed(let rule, let lifetime, let facts):
                [("allow", .text(rule)), ("lifetime", .word(PolicyDuration.text(lifetime)))] + facts
            }
        return .mapping([
            ("it", .text(sentence)), ("who", asker.text),
            ("asks", .mapping([("role", .text(role))] + [detail].compactMap { $0 })), ("expect", .mapping(expect)),
        ])
    }

    /// Who asks in a test.
    struct Asker {
        var provider = "local"
        var user: String
        var login: String?
        var groups: [String] = []
        var claims: [(name: String, value: WhoDraft.ClaimValue)] = []

        /// Somebody the rule means.
        init(meantBy who: WhoDraft) {
            provider = who.provider ?? "local"
            let name = who.users.first ?? "someone@example.com"
            user = name.hasPrefix("*@") ? "someone" + name.dropFirst() : name
            groups = Array(who.groups.prefix(1))
            if let claim = who.claim, let value = claim.values.first {
                claims.append((claim.name, value.example))
            }
        }

        static let stranger = Asker(provider: PolicyDraft.strangeProvider, user: "stranger@example.com")

        private init(provider: String, user: String) {
            self.provider = provider
            self.user = user
        }

        var text: PolicyText {
            var entries: [(String, PolicyText)] = [("provider", .text(provider)), ("user", .text(user))]
            if let login { entries.append(("login", .text(login))) }
            if !groups.isEmpty { entries.append(("groups", .texts(groups))) }
            if !claims.isEmpty { entries.append(("claims", .mapping(claims.map { ($0.name, $0.value.text) }))) }
            return .mapping(entries)
        }

        var identity: Identity {
            var known: [String: Policies.ClaimValue] = [:]
            for (name, value) in claims { known[name] = value.policyValue }
            return Identity(
                provider: provider, user: user, login: login, groups: .known(Set(groups)), claims: .known(known),
                mfa: .known(false))
        }
    }
}

extension WhoDraft.ClaimValue {
    /// A value that matches the pattern, if it is one.
    var example: Self {
        guard case .text(let text) = self else { return self }
        return .text(String(text.map { $0 == "*" ? "x" : $0 }))
    }

    var policyValue: Policies.ClaimValue {
        switch self {
        case .text(let text): .string(text)
        case .flag(let flag): .bool(flag)
        case .number(let number): .int(number)
        }
    }
}
