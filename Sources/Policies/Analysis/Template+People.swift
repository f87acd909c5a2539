// SPDX-License-Identifier: Apache-2.0

extension Template {
    /// Who gets `name` from it, as far as rules can tell people apart; where a DNS name is a pattern, on request. nil: nobody.
    ///
    /// Exact for one value beside text. Of several values together, and of values in patterns, it is only asked whether they may.
    func people(getting name: String, as place: NamePlace) -> Who? {
        guard !isPattern, variables.count <= 1 else { return mayMatch(name, in: place) ? Who() : nil }
        guard let variable = variables.first else { return text == name ? Who() : nil }
        guard let value = value(giving: name, as: place) else { return nil }
        return switch variable {
        case .userName: Who(users: [value])
        case .userDomain: Who(userDomains: [value])
        case .claim(let claim): Who(claims: [ClaimRequirement(name: claim, accepted: [.value(.string(value))])])
        // Rules do not ask for it.
        case .userLogin: Who()
        }
    }

    var isPattern: Bool { text.utf8.contains(UInt8(ascii: "*")) }

    var variables: [TemplateVariable] {
        parts.compactMap { if case .variable(let variable) = $0 { variable } else { nil } }
    }

    /// Of a template with one value: what that must be to make `name`; nil where nothing makes it.
    func value(giving name: String, as place: NamePlace) -> String? {
        guard variables.count == 1, let variable = variables.first else { return nil }
        let edges = text.components(around: variable.description)
        guard name.utf8.count >= edges.before.utf8.count + edges.after.utf8.count, name.hasPrefix(edges.before),
            name.hasSuffix(edges.after)
        else { return nil }
        let value = String(name.dropFirst(edges.before.count).dropLast(edges.after.count))
        guard place.accepts(value, of: variable, isWhole: parts.count == 1), place.accepts(whole: name) else { return nil }
        return value
    }

    /// A value may be anything that stays within a label; only the domain of a user has several.
    private func mayMatch(_ name: String, in place: NamePlace) -> Bool {
        let pattern = parts.reduce(into: "") { pattern, part in
            switch part {
            case .literal(let text): pattern += text
            // A star beside it may stand for nothing.
            case .variable: pattern += pattern.hasSuffix("*") ? "" : "*"
            }
        }.replacing("**", with: "*")
        guard place == .dnsName, !parts.contains(.variable(.userDomain)) else { return Wildcard(pattern).matches(name) }
        guard let host = try? HostName(name), let pattern = try? HostPattern(pattern) else { return false }
        return pattern.matches(host)
    }
}

extension String {
    fileprivate func components(around part: String) -> (before: Substring, after: Substring) {
        guard let range = firstRange(of: part) else { return (self[...], "") }
        return (self[..<range.lowerBound], self[range.upperBound...])
    }
}

extension Who {
    /// Whether some identity may be meant by both, as far as names that templates give go: a claim in a name is text, so it is not
    /// a list of which another member is what a rule wants.
    func mayBe(_ other: Who) -> Bool {
        claims.allSatisfy { mine in
            other.claims.filter { $0.name == mine.name }.allSatisfy { theirs in
                mine.accepted.contains { accepted in
                    guard case .value(let value) = accepted else { return true }
                    return theirs.accepted.contains { $0.accepts(value) }
                }
            }
        }
    }
}
