// SPDX-License-Identifier: Apache-2.0

import Authentication
import Issuance
import OpenIDConnect
import Policies
import StrictYAML

/// An identity provider as `mayfly.yaml` has it.
struct ProviderSettings: Equatable {
    var declaration: ProviderDeclaration
    /// Nil for a public client, which has no secret.
    var clientSecretFile: String?
    /// PEM of the authorities that its certificate may be from; nil for those this machine trusts.
    var authoritiesFile: String?
    /// Which people are in which groups, for a provider that does not say.
    var groupsFile: String?
}

/// Reads `providers`.
struct ProvidersReader: YAMLReading {
    var problems: YAMLProblems

    /// What else stands where a provider's name stands in identities.
    private static let reserved = [
        UserDirectory.provider, ProvenHost.provider, ProvenMachine.provider, "console", "server",
    ]
    private static let common = ["type", "issuer", "claims", "session", "ca_file"]
    private static let ofPeople = [
        "client_id", "client_secret_file", "domains", "groups", "groups_claim", "groups_file", "user_claim", "login_claim",
        "scopes",
        "device_flow", "userinfo", "mfa", "max_age", "redirect_port", "refresh", "refresh_grace",
    ]
    private static let ofWorkloads = ["audience", "require"]

    mutating func read(_ node: YAMLNode) -> [ProviderSettings] {
        var providers: [ProviderSettings] = []
        for entry in entries(node, "`providers`") ?? [] {
            let isName =
                entry.key.utf8.first.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } == true
                && entry.key.utf8.count <= 32
                && entry.key.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) }
            if !isName || Self.reserved.contains(entry.key) {
                problems.add(
                    entry.keyPosition,
                    "`\(printable: entry.key)` cannot be the name of a provider; expected `[a-z][a-z0-9-]*` and not \(quoted(Self.reserved))"
                )
            }
            if let settings = provider(entry) { providers.append(settings) }
        }
        for overlap in ProviderOverlap.among(providers.map(\.declaration)) {
            problems.add(node.position, overlap.description)
        }
        return providers
    }

    private mutating func provider(_ entry: YAMLNode.Entry) -> ProviderSettings? {
        guard let fields = fields(entry.value, "a provider", known: Self.common + Self.ofPeople + Self.ofWorkloads) else {
            return nil
        }
        guard let type = required("type", fields, entry), let issuerNode = fields["issuer"] ?? missing("issuer", entry),
            let issuerText = text(issuerNode, "`issuer`")
        else { return nil }
        let issuer = attempt(issuerNode.position) { () throws(ProviderError) in try ProviderURL(issuer: issuerText) }
        let kind: ProviderDeclaration.Kind?
        switch type {
        case "people":
            refuse(Self.ofWorkloads, fields, "a provider of people")
            kind = people(fields, entry).map { .people($0) }
        case "workload":
            refuse(Self.ofPeople, fields, "a provider of workloads")
            if fields["claims"] == nil {
                problems.add(entry.keyPosition, "`claims` is missing: by them policies tell one workload from another")
            }
            kind = workload(fields, entry).map { .workload($0) }
        default:
            problems.add(
                fields["type"]?.position, "unknown type `\(printable: type)`; known are \(quoted(["people", "workload"]))")
            kind = nil
        }
        guard let issuer, let kind else { return nil }
        var declaration = ProviderDeclaration(name: entry.key, issuer: issuer, kind: kind)
        for claim in fields["claims"].map({ texts($0, "`claims`") }) ?? [] {
            if claim.text.hasPrefix("mayfly.") {
                problems.add(claim.position, "`\(printable: claim.text)` is said by this CA, not by a provider")
            }
            declaration.claims.append(claim.text)
        }
        // They are looked at again at every call, so they are kept with the others.
        for claim in declaration.workload?.requirements.map(\.name) ?? [] where !declaration.claims.contains(claim) {
            if claim.hasPrefix("mayfly.") {
                problems.add(
                    fields["require"]?.position, "`\(printable: claim)` is said by this CA, not by a provider")
            }
            declaration.claims.append(claim)
        }
        if let node = fields["session"] { declaration.session = duration(node, "`session`") }
        return ProviderSettings(
            declaration: declaration,
            clientSecretFile: fields["client_secret_file"].flatMap { text($0, "`client_secret_file`") },
            authoritiesFile: fields["ca_file"].flatMap { text($0, "`ca_file`") },
            groupsFile: fields["groups_file"].flatMap { text($0, "`groups_file`") })
    }

    private mutating func workload(_ fields: Fields, _ entry: YAMLNode.Entry) -> ProviderDeclaration.Workload? {
        guard let audience = required("audience", fields, entry) else { return nil }
        var workload = ProviderDeclaration.Workload(audience: audience)
        if let node = fields["require"] { workload.requirements = claimRequirements(node, "`require`") }
        return workload
    }

    private mutating func people(_ fields: Fields, _ entry: YAMLNode.Entry) -> ProviderDeclaration.People? {
        guard let clientID = required("client_id", fields, entry), let node = fields["domains"] ?? missing("domains", entry)
        else { return nil }
        let domains = texts(node, "`domains`").compactMap { domain in
            attempt(domain.position) { () throws(HostNameError) in try HostName(domain.text) }?.text
        }
        var people = ProviderDeclaration.People(clientID: clientID, domains: domains)
        if let node = fields["groups"] {
            people.groups = texts(node, "`groups`").compactMap { group in
                if let pattern = GroupPattern(group.text) { return pattern }
                problems.add(group.position, "`\(printable: group.text)`: a star may stand only at the end")
                return nil
            }
        }
        people.groupsClaim = fields["groups_claim"].flatMap { text($0, "`groups_claim`") }
        let sources = ["groups_claim", "groups_file"].filter { fields[$0] != nil }
        if sources.count > 1 {
            problems.add(
                fields["groups_file"]?.position, "groups come from `groups_claim` or from `groups_file`, not from both")
        } else if (fields["groups"] == nil) != sources.isEmpty {
            problems.add(
                entry.keyPosition,
                "`groups` needs `groups_claim` or `groups_file`, and the other way round: which groups there may be, and who says who is in them"
            )
        }
        if let node = fields["user_claim"], let claim = text(node, "`user_claim`") { people.userClaim = claim }
        people.loginClaim = fields["login_claim"].flatMap { text($0, "`login_claim`") }
        if let node = fields["scopes"] { people.scopes = texts(node, "`scopes`").map(\.text) }
        if let node = fields["device_flow"], let word = text(node, "`device_flow`") {
            if word != "allowed", word != "refused" {
                problems.add(node.position, "`device_flow` is `allowed` or `refused`, not `\(printable: word)`")
            }
            people.allowsDeviceFlow = word == "allowed"
        }
        if let node = fields["userinfo"], let word = text(node, "`userinfo`") {
            if word != "asked", word != "ignored" {
                problems.add(node.position, "`userinfo` is `asked` or `ignored`, not `\(printable: word)`")
            }
            people.asksUserInfo = word == "asked"
        }
        if let node = fields["mfa"], let methods = self.fields(node, "`mfa`", known: ["amr", "acr"]) {
            people.mfaMethods = Set(methods["amr"].map { texts($0, "`amr`").map(\.text) } ?? [])
            people.mfaContexts = Set(methods["acr"].map { texts($0, "`acr`").map(\.text) } ?? [])
        }
        if let node = fields["max_age"], let age = duration(node, "`max_age`") {
            people.maximumAge = Int(age.components.seconds)
        }
        if let node = fields["refresh"], let interval = duration(node, "`refresh`") {
            let grace = fields["refresh_grace"].flatMap { duration($0, "`refresh_grace`") } ?? interval
            people.recheck = .init(
                interval: Double(interval.components.seconds), grace: Double(grace.components.seconds))
        } else if let node = fields["refresh_grace"], fields["refresh"] == nil {
            problems.add(node.position, "`refresh_grace` needs `refresh`: how often the provider is asked again")
        }
        if let node = fields["redirect_port"] {
            if case .scalar(let text, isPlain: true) = node.value, let port = Int(text), (1024...65535).contains(port) {
                people.redirectPort = port
            } else {
                problems.add(node.position, "`redirect_port` must be one of 1024 to 65535")
            }
        }
        return people
    }

    private mutating func required(_ key: String, _ fields: Fields, _ entry: YAMLNode.Entry) -> String? {
        (fields[key] ?? missing(key, entry)).flatMap { text($0, "`\(key)`") }
    }

    private mutating func missing(_ key: String, _ entry: YAMLNode.Entry) -> YAMLNode? {
        problems.add(entry.keyPosition, "`\(key)` of provider `\(printable: entry.key)` is missing")
        return nil
    }

    private mutating func refuse(_ keys: [String], _ fields: Fields, _ what: String) {
        for key in keys {
            if let node = fields[key] { problems.add(node.position, "\(what) has no `\(key)`") }
        }
    }

    private mutating func duration(_ node: YAMLNode, _ what: String) -> Duration? {
        guard let text = text(node, what) else { return nil }
        return attempt(node.position) { () throws(PolicyDurationError) in try PolicyDuration.parse(text) }
    }
}
