// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// A name with values of the identity in it: `{user.login}.lab.example.com`.
struct Template: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case literal(String)
        case variable(TemplateVariable)
    }

    /// As written.
    let text: String
    let parts: [Part]

    /// - Throws: what is wrong with the braces or the names between them.
    init(_ text: String) throws(TemplateSyntaxError) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[open] == "{", let close = rest[open...].firstIndex(of: "}") else {
                throw .unbalanced(text)
            }
            if open != rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
            let name = String(rest[rest.index(after: open)..<close])
            guard let variable = TemplateVariable(name) else { throw .unknown(name) }
            parts.append(.variable(variable))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        self.text = text
        self.parts = parts
    }

    var isLiteral: Bool { parts.allSatisfy { if case .literal = $0 { true } else { false } } }

    /// The name for one identity. Each value and the whole are checked for the place they go to.
    func expanded(for identity: Identity, as place: NamePlace) throws(TemplateProblem) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .literal(let literal): result += literal
            case .variable(let variable):
                guard let value = variable.value(for: identity) else { throw .missing(variable) }
                let isWhole = parts.count == 1
                guard place.accepts(value, of: variable, isWhole: isWhole) else {
                    throw .unsuitable(variable, value: value, place: place)
                }
                result += value
            }
        }
        guard place.accepts(whole: result) else { throw .invalid(result, place: place) }
        return result
    }

    /// The name with harmless values in it, to find at load what can never be valid.
    func sample(as place: NamePlace) throws(TemplateProblem) -> String {
        // In the place of an e-mail address `{user.name}` is one, and so is a claim that stands alone; elsewhere the least any
        // provider could assert.
        let email = "x@x.example"
        var claims: [String: ClaimValue] = [:]
        for case .variable(.claim(let name)) in parts {
            claims[name] = .string(place == .email && parts.count == 1 ? email : "x")
        }
        let user = place == .email ? email : "x"
        var identity = Identity(provider: "", user: user, login: "x", groups: .unknown, claims: .known(claims), mfa: .unknown)
        if parts.contains(.variable(.userDomain)) { identity.user = "x@x.example" }
        return try expanded(for: identity, as: place)
    }
}

enum TemplateVariable: Hashable, Sendable {
    case userName
    case userLogin
    case userDomain
    case claim(String)

    init?(_ name: String) {
        switch name {
        case "user.name": self = .userName
        case "user.login": self = .userLogin
        case "user.domain": self = .userDomain
        default:
            guard name.hasPrefix("claims.") else { return nil }
            let claim = String(name.dropFirst("claims.".count))
            guard claim.utf8.count <= 128, claim.consists(ofLettersDigitsAnd: "_.-:/") else { return nil }
            self = .claim(claim)
        }
    }

    func value(for identity: Identity) -> String? {
        switch self {
        case .userName: return identity.user
        case .userLogin: return identity.login
        case .userDomain: return identity.domain
        case .claim(let name):
            guard case .known(let claims) = identity.claims, case .string(let text)? = claims[name] else { return nil }
            return text
        }
    }
}

extension TemplateVariable: CustomStringConvertible {
    var description: String {
        switch self {
        case .userName: "{user.name}"
        case .userLogin: "{user.login}"
        case .userDomain: "{user.domain}"
        case .claim(let name): "{claims.\(name)}"
        }
    }
}

enum TemplateSyntaxError: Error, Hashable, CustomStringConvertible {
    case unbalanced(String)
    case unknown(String)

    var description: String {
        switch self {
        case .unbalanced(let text): return "`\(printable: text)` has a brace without its partner"
        case .unknown(let name):
            let known = ["user.name", "user.login", "user.domain", "claims.NAME"]
            let nearest = NearestWord.to(name, among: known).map { "; did you mean `{\($0)}`?" }
            return "`{\(printable: name)}` is not a value of an identity"
                + (nearest ?? "; known are " + known.map { "`{\($0)}`" }.joined(separator: ", "))
        }
    }
}

/// Why a template gives no name for an identity.
package enum TemplateProblem: Error, Hashable, Sendable {
    case missingValue(variable: String)
    case unsuitableValue(variable: String, value: String, place: String)
    case invalidName(String, place: String)

    static func missing(_ variable: TemplateVariable) -> TemplateProblem {
        .missingValue(variable: variable.description)
    }

    static func unsuitable(_ variable: TemplateVariable, value: String, place: NamePlace) -> TemplateProblem {
        .unsuitableValue(variable: variable.description, value: value, place: place.description)
    }

    static func invalid(_ name: String, place: NamePlace) -> TemplateProblem {
        .invalidName(name, place: place.description)
    }
}

extension TemplateProblem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missingValue(let variable): "you have no `\(variable)`"
        case .unsuitableValue(let variable, let value, let place):
            "your `\(variable)` is `\(printable: value)`, which cannot stand in \(place)"
        case .invalidName(let name, let place): "`\(printable: name)` is not valid as \(place)"
        }
    }
}
