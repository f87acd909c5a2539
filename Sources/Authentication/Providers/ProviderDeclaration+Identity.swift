// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import OpenIDConnect
package import Policies
import StrictYAML

/// From what a token says to who somebody is, as far as its provider may say so.
extension ProviderDeclaration {
    private static let mostGroups = 500
    private static let longestText = 1024  // bytes

    /// - Throws: `IdentityError` when the token names nobody this provider may name.
    func identity(of token: VerifiedToken) throws(IdentityError) -> Identity {
        switch kind {
        case .workload(let workload):
            let identity = Identity(
                provider: name, groups: .known([]), claims: .known(keptClaims(of: token)), mfa: .known(false),
                authenticatedAt: Self.time("iat", token))
            if let unmet = workload.requirements.first(where: { !$0.isMet(by: identity) }) {
                throw .requirementUnmet(claim: unmet.name)
            }
            return identity
        case .people(let people):
            return Identity(
                provider: name, user: try people.user(of: token), login: people.login(of: token),
                groups: try people.groups(of: token), claims: .known(keptClaims(of: token)), mfa: people.mfa(of: token),
                authenticatedAt: Self.time("auth_time", token))
        }
    }

    /// Whether an identity from an earlier login is one this provider may still assert.
    func stillVouches(for identity: Identity) -> Bool {
        guard let people else {
            return identity.user == nil && workload?.requirements.allSatisfy { $0.isMet(by: identity) } == true
        }
        guard let user = identity.user, people.owns(user) else { return false }
        guard case .known(let groups) = identity.groups else { return true }
        return groups.allSatisfy(people.mayAssert)
    }

    private static func time(_ claim: String, _ token: VerifiedToken) -> Known<Date> {
        token.claims[claim]?.seconds.map { .known(Date(timeIntervalSince1970: $0.rounded(.down))) } ?? .unknown
    }

    /// A declared claim that the token lacks, or that is of no type policies know, is not there: unknown.
    private func keptClaims(of token: VerifiedToken) -> [String: ClaimValue] {
        var kept: [String: ClaimValue] = [:]
        for claim in claims {
            let found = Self.values(of: claim, in: token.claims)
            // Two ways to read the name are none.
            guard found.count == 1, let value = found.first.flatMap(Self.claimValue) else { continue }
            kept[claim] = value
        }
        return kept
    }

    private static func values(of path: String, in object: [String: JSONValue]) -> [JSONValue] {
        var found = object[path].map { [$0] } ?? []
        for dot in path.indices where path[dot] == "." {
            guard case .object(let inner) = object[String(path[..<dot])] else { continue }
            found += values(of: String(path[path.index(after: dot)...]), in: inner)
        }
        return found
    }

    /// As policies see it; nil where they do not.
    package static func claimValue(_ value: JSONValue) -> ClaimValue? {
        switch value {
        case .null: return .absent
        case .bool(let flag): return .bool(flag)
        case .integer(let number): return .int(number)
        case .string(let text): return isPlain(text) ? .string(text) : nil
        case .array(let members):
            let values = members.compactMap { member -> ClaimValue? in
                if case .array = member { nil } else { claimValue(member) }
            }
            return values.count == members.count && values.count <= mostGroups ? .list(values) : nil
        case .number, .object: return nil
        }
    }

    /// Text that policies can compare: visible, and without the three characters that Unicode takes for ASCII ones though they
    /// are not (U+212A for `K`, U+037E for `;`, U+1FEF for the grave accent): Swift calls such strings equal.
    fileprivate static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= longestText && text.isPlainlyVisible
            && !text.unicodeScalars.contains { [0x212A, 0x037E, 0x1FEF].contains($0.value) }
    }

    static func isGroup(_ text: String) -> Bool {
        !text.isEmpty && isPlain(text) && !text.utf8.contains(UInt8(ascii: "*"))
    }

    static var groupLimit: Int { mostGroups }
}

extension ProviderDeclaration.People {
    /// In lower case: mail systems and directories take `Ana@Example.com` for the same person, and so must a `deny` for her.
    fileprivate func user(of token: VerifiedToken) throws(IdentityError) -> String {
        guard let text = token.claims[userClaim]?.string else { throw .claimMissing(userClaim) }
        if userClaim == "email", token.claims["email_verified"]?.bool != true { throw .emailNotVerified }
        guard LocalUser.isValidName(text) else { throw .nameInvalid(claim: userClaim) }
        let user = text.lowercased()
        guard owns(user) else { throw .domainNotAsserted(user) }
        return user
    }

    func owns(_ user: String) -> Bool {
        let parts = user.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && domains.contains(String(parts[1]))
    }

    func mayAssert(_ group: String) -> Bool { groups.contains { $0.matches(group) } }

    fileprivate func login(of token: VerifiedToken) -> String? {
        loginClaim.flatMap { token.claims[$0]?.string }.flatMap { LoginName.isValid($0) ? $0 : nil }
    }

    /// Those it may assert; the others are passed over. Unknown where it should say and does not.
    fileprivate func groups(of token: VerifiedToken) throws(IdentityError) -> Known<Set<String>> {
        guard let groupsClaim else { return .known([]) }
        guard let names = token.claims[groupsClaim]?.strings else { return .unknown }
        let asserted = Set(
            names.filter { ProviderDeclaration.isGroup($0) && mayAssert($0) })
        guard asserted.count <= ProviderDeclaration.groupLimit else {
            throw .tooManyGroups(limit: ProviderDeclaration.groupLimit)
        }
        return .known(asserted)
    }

    /// Unknown where the provider says neither how nor how well it asked.
    fileprivate func mfa(of token: VerifiedToken) -> Known<Bool> {
        let methods = token.claims["amr"]?.strings
        let context = token.claims["acr"]?.string
        if methods?.contains(where: mfaMethods.contains) == true { return .known(true) }
        if let context, mfaContexts.contains(context) { return .known(true) }
        return methods == nil && (context == nil || mfaContexts.isEmpty) ? .unknown : .known(false)
    }
}

/// Why a token that is genuine makes nobody a user here.
package enum IdentityError: Error, Equatable, CustomStringConvertible {
    case claimMissing(String)
    case emailNotVerified
    case nameInvalid(claim: String)
    case domainNotAsserted(String)
    case tooManyGroups(limit: Int)
    case authenticatedTooLongAgo
    case requirementUnmet(claim: String)

    package var description: String {
        switch self {
        case .claimMissing(let name): "it does not say who you are: claim `\(name)` is missing"
        case .emailNotVerified: "it does not say that your e-mail address was verified"
        case .nameInvalid(let claim): "claim `\(claim)` is not a user name that can be used here"
        case .domainNotAsserted(let user): "it may not vouch for `\(user)`: the domain is not among its `domains`"
        case .tooManyGroups(let limit): "it names more than \(limit) groups"
        case .authenticatedTooLongAgo: "it does not say that you have proven yourself recently enough"
        case .requirementUnmet(let claim): "claim `\(claim)` is not what `require` asks for"
        }
    }
}
