// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials
import Policies

/// Somebody who might ask, as a provider would describe them. What is not given is unknown.
struct IdentityOptions: ParsableArguments {
    @Option(name: .customLong("as"), help: ArgumentHelp("Who asks, as the provider writes it.", valueName: "user"))
    var user: String?

    @Option(help: "Their Unix login.")
    var login: String?

    @Option(parsing: .upToNextOption, help: "All groups the provider says they are in; `-` for none.")
    var groups: [String] = []

    @Option(help: "The identity provider.")
    var provider = "local"

    @Option(help: ArgumentHelp("A claim that is text; may be repeated.", valueName: "name=value"))
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

    func identity(at instant: Date) throws -> Identity {
        var claims: [String: ClaimValue] = [:]
        for pair in claim {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw ValidationError("`\(pair)` is not of the form name=value") }
            claims[parts[0]] = .string(parts[1])
        }
        let address = try from.map { text in
            guard let address = IPAddress(text) else { throw ValidationError("`\(text)` is not an IP address") }
            return address
        }
        return Identity(
            provider: provider, user: user, login: login,
            groups: groups.isEmpty ? .unknown : .known(Set(groups.filter { $0 != "-" })), claims: .known(claims),
            mfa: mfa.map { .known($0) } ?? .unknown,
            authenticatedAt: authenticatedAgo.map { .known(instant.addingTimeInterval(-Double($0.components.seconds))) }
                ?? .unknown,
            address: address)
    }
}

/// Where the policies lie that a question is about.
struct PolicyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The policy directory.", valueName: "directory"))
    var policies = "policies"

    func set() throws -> PolicySet { try PolicySet.load(try PolicyDirectory(path: policies).files()) }

    /// - Parameter place: a directory, or a git revision of the policy directory.
    func set(at place: String) throws -> PolicySet {
        var isDirectory = false
        if FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory), isDirectory {
            return try PolicySet.load(try PolicyDirectory(path: place).files())
        }
        let checkout = GitCheckout(path: policies)
        return try PolicySet.load(try checkout.files(at: try checkout.commit(at: place)))
    }
}
