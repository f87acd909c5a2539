// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Authentication
import FoundationEssentials
import OpenIDConnect
import Policies

/// What a provider would say of somebody who might ask. What is not given is unknown.
struct IdentityOptions: ParsableArguments {
    @Option(help: "Their Unix login.")
    var login: String?

    @Option(help: ArgumentHelp("A group the provider says they are in, and in no others; may be repeated.", valueName: "name"))
    var group: [String] = []

    @Option(help: ArgumentHelp("The same for several, with commas between them; `-` for none.", valueName: "names"))
    var groups: [String] = []

    @Option(help: "The identity provider.")
    var provider = "local"

    @Option(
        help: ArgumentHelp(
            "A claim: name=value for text, name:=value for JSON such as 7, true or [\"a\"]; may be repeated.",
            valueName: "claim"))
    var claim: [String] = []

    @Flag(inversion: .prefixedNo, help: "Whether there was a second factor.")
    var mfa: Bool?

    @Option(help: ArgumentHelp("The address the request comes from.", valueName: "address"))
    var from: String?

    @Option(
        help: ArgumentHelp("How long ago they logged in.", valueName: "duration"),
        transform: { try PolicyDuration.parse($0) })
    var authenticatedAgo: Duration?

    @Option(help: ArgumentHelp("When, as 2026-11-23T10:00:00Z; now by default.", valueName: "time"))
    var at: String?

    var instant: Date {
        get throws {
            guard let at else { return Date() }
            guard let instant = try? Date(at, strategy: .iso8601) else {
                throw ValidationError("`\(at)` is not a time such as 2026-11-23T10:00:00Z")
            }
            return instant
        }
    }

    func identity(of user: String?, at instant: Date) throws -> Identity {
        if let user, !DirectoryName.isValid(user) { throw ValidationError("`\(user)` is not a user") }
        guard login.map(LoginName.isValid) ?? true else { throw ValidationError("`\(login ?? "")` is not a Unix login") }
        guard DirectoryName.isValid(provider) else { throw ValidationError("`\(provider)` is not an identity provider") }
        let address = try from.map { text in
            guard let address = IPAddress(text) else { throw ValidationError("`\(text)` is not an IP address") }
            return address
        }
        return Identity(
            provider: provider, user: user, login: login, groups: try knownGroups(), claims: .known(try knownClaims()),
            mfa: mfa.map { .known($0) } ?? .unknown,
            authenticatedAt: authenticatedAgo.map { .known(instant.addingTimeInterval(-Double($0.components.seconds))) }
                ?? .unknown,
            address: address)
    }

    private func knownGroups() throws -> Known<Set<String>> {
        let listed = groups.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let names = group + listed
        guard !names.isEmpty else { return .unknown }
        if listed == ["-"], group.isEmpty { return .known([]) }
        for name in names where !DirectoryName.isValid(name) || name == "-" {
            throw ValidationError("`\(name)` is not a group; `--groups -` says that there is none")
        }
        return .known(Set(names))
    }

    private func knownClaims() throws -> [String: ClaimValue] {
        var claims: [String: ClaimValue] = [:]
        for text in claim {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let isJSON = parts[0].hasSuffix(":")
            let name = isJSON ? String(parts[0].dropLast()) : parts[0]
            guard parts.count == 2, !name.isEmpty else {
                throw ValidationError("`\(text)` is neither of the form name=value nor name:=JSON")
            }
            let value = isJSON ? try? JSONReader.value(Array(parts[1].utf8)) : .string(parts[1])
            // As the server takes it from a token.
            guard let claim = value.flatMap(ProviderDeclaration.claimValue) else {
                throw ValidationError("`\(parts[1])` is not a claim that policies know: text, a whole number, a flag or a list")
            }
            guard claims.updateValue(claim, forKey: name) == nil else {
                throw ValidationError("claim `\(name)` is given twice; a list is \(name):=[\"a\", \"b\"]")
            }
        }
        return claims
    }
}
