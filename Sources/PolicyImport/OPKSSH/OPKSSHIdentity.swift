// SPDX-License-Identifier: Apache-2.0

/// Whom a line of `auth_id` means, as the enforcer of opkssh matches it.
enum OPKSSHIdentity {
    case who(WhoDraft)
    /// It means nobody, or nobody a rule could name.
    case unusable(String)

    /// - Parameter provider: the provider the line is for.
    init(_ text: String, provider: String) {
        let lower = text.lowercased()
        if ["oidc:", "oidc-match-end:email:", "repo:"].contains(lower) {
            self = .unusable("it would match anybody, and opkssh refuses it")
        } else if text.hasPrefix("oidc:") {
            self = Self.claim(text, provider)
        } else if text.hasPrefix("oidc-match-end:email:") {
            self = Self.suffix(String(text.dropFirst("oidc-match-end:email:".count)), provider)
        } else if text.hasPrefix("repo:") {
            self = Self.repository(text, provider)
        } else if !SourceName.isDirectoryName(text) {
            self = .unusable("it is not a name of the policy language")
        } else if text.contains("@") {
            self = .who(WhoDraft(provider: provider, users: [text]))
        } else {
            self = Self.subject(text, provider)
        }
    }

    /// `oidc:CLAIM:VALUE`, the claim in quotes when it has colons. opkssh takes the second part and the last.
    private static func claim(_ text: String, _ provider: String) -> Self {
        var parts: [String] = [""]
        var isQuoted = false
        for scalar in text.unicodeScalars {
            if scalar == "\"" { isQuoted.toggle() }
            if scalar == ":", !isQuoted { parts.append("") } else { parts[parts.count - 1].unicodeScalars.append(scalar) }
        }
        parts.removeAll(where: \.isEmpty)
        guard parts.count == 3 else {
            return .unusable(
                parts.count < 3
                    ? "`oidc:` needs a claim and a value"
                    : "its colons are ambiguous: opkssh looks at claim `\(parts[1])` for the last part alone")
        }
        let name = parts[1].replacing("\"", with: "")
        let value = parts[2]
        guard SourceName.isClaimName(name), SourceName.isDirectoryName(value) else {
            return .unusable("its claim or value has characters that the policy language does not allow here")
        }
        if name == "groups" { return .who(WhoDraft(provider: provider, groups: [value])) }
        return .who(WhoDraft(provider: provider, claim: WhoDraft.Claim(name: name, values: values(value))))
    }

    /// opkssh compares text; a claim that is a number or a flag is written as text first.
    private static func values(_ text: String) -> [WhoDraft.ClaimValue] {
        if text == "true" || text == "false" { return [.flag(text == "true"), .text(text)] }
        if let number = Int(text), String(number) == text, abs(number / 2) < 1 << 51 { return [.number(number), .text(text)] }
        return [.text(text)]
    }

    private static func suffix(_ suffix: String, _ provider: String) -> Self {
        let domain = suffix.lowercased().dropFirst()
        guard suffix.hasPrefix("@"), SourceName.isDNSName(String(domain)) else {
            return .unusable("the ending is not `@` and a domain: it also fits addresses of other domains that end so")
        }
        return .who(WhoDraft(provider: provider, users: ["*@\(domain)"]))
    }

    /// A pattern for `sub`: `*` stays between slashes in both languages.
    private static func repository(_ text: String, _ provider: String) -> Self {
        let isPlain = text.utf8.count <= 256 && !text.contains("**") && SourceName.isClaimName(text)
        guard isPlain, !text.contains(where: { "?[]\\".contains($0) }) else {
            return .unusable("its pattern has more than single stars")
        }
        return subject(text, provider)
    }

    private static func subject(_ text: String, _ provider: String) -> Self {
        .who(WhoDraft(provider: provider, claim: WhoDraft.Claim(name: "sub", values: [.text(text)])))
    }
}
