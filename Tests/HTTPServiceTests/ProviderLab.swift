// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestProviders
import TestSupport
import Testing

/// A running CA with an identity provider of people, `corp`, and one of workloads, `ci`, which are the same one.
struct ProviderLab {
    static let policy = """
        version: 1
        roles:
          shell: {ssh: {principals: [deploy]}}
          prod-shell: {ssh: {principals: [root]}}
          deployer: {x509: {usage: [client], common_name: shop}}
          administrator: {capabilities: [audit.read, certificates.read, certificates.revoke, policies.reload]}
        allow:
          - {id: sre-works, who: {groups: [sre]}, roles: [shell, prod-shell], lifetime: {max: 1h}}
          - {id: shop-deploys, who: {provider: ci, claims: {repository: example/shop, ref: refs/heads/main}}, roles: [deployer], lifetime: {max: 10m}}
          - {id: ada-administers, who: {users: [\(MayflyCA.administrator)]}, roles: [administrator]}
        deny:
          - {id: no-production-by-device, who: {provider: corp, claims: {mayfly.login: device}}, roles: ["prod-*"]}
        tests:
          - it: lets ada administer
            who: {user: \(MayflyCA.administrator)}
            asks: {role: administrator}
            expect: {allow: ada-administers}
        """

    let ca: MayflyCA
    let fake: FakeProvider

    /// As somebody with a home of their own.
    func mayfly(_ arguments: [String], home: String, _ environment: [String: String] = [:]) async throws -> ProcessResult {
        // Neither the browser nor the display of whoever runs the tests.
        let own = ["BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""]
        return try await ca.mayfly(arguments, home: home, environment: own.merging(environment) { $1 })
    }

    func logIn(_ arguments: [String], home: String, _ environment: [String: String] = [:]) async throws -> ProcessResult {
        try await mayfly(["login", ca.url, "--fingerprint", ca.fingerprint] + arguments, home: home, environment)
    }

    func home(_ name: String) throws -> String { try ca.directory.makeDirectory(name) }

    /// A program that does what a browser would with an address: it follows it wherever it leads.
    func browser() throws -> String {
        try ca.directory.write(
            "#!/bin/sh\nexec curl -q --silent --noproxy '*' --location --max-time 20 --output /dev/null \"$1\"\n",
            to: "browser",
            mode: 0o755)
    }

    func ana() -> Claims {
        Claims(issuer: fake.issuer, audience: FakeProvider.clientID, now: Date()).with("email", "ana@corp.example")
            .with("email_verified", json: "true").with("groups", json: #"["sre","admins"]"#)
    }

    func job(_ name: String = "1") -> Claims {
        Claims(issuer: fake.issuer, audience: "https://ca.example.com", now: Date()).with("repository", "example/shop")
            .with("ref", "refs/heads/main").with("jti", name)
    }

    func token(_ claims: Claims, key: ProviderKey? = nil) throws -> String {
        try ca.directory.write(try (key ?? fake.key).token(claims.json) + "\n", to: "token")
    }

    /// - Parameters:
    ///   - corp: more of what is declared of it, in YAML's flow style.
    ///   - ci: as `corp`.
    static func open(
        _ corp: String = "groups_claim: groups, device_flow: allowed", ci: String = "",
        _ body: (ProviderLab) async throws -> Void
    ) async throws {
        let fake = try await FakeProvider()
        try await withCA(of: fake.issuer, corp, ci: ci) { try await body(ProviderLab(ca: $0, fake: fake)) }
    }

    /// A CA whose provider need not be there.
    static func withCA(of issuer: String, _ corp: String, ci: String = "", _ body: (MayflyCA) async throws -> Void) async throws
    {
        let files = try TemporaryDirectory()
        defer { files.close() }
        try files.makeDirectory("policies")
        try files.write(Self.policy, to: "policies/policy.yaml")
        let secret = try files.write(FakeProvider.clientSecret + "\n", to: "secret", mode: 0o600)
        let providers = """
            {corp: {type: people, issuer: "\(issuer)", client_id: mayfly, client_secret_file: "\(secret)", \
            domains: [corp.example], groups: [sre], \(corp)}, ci: {type: workload, issuer: "\(issuer)", \
            audience: "https://ca.example.com", claims: [repository, ref], session: 20m\(ci.isEmpty ? "" : ", " + ci)}}
            """
        // A port that is still its own when it is started anew.
        let settings = ["listen": "\"127.0.0.1:\(try Loopback.freePort())\"", "providers": providers]
        let configuration = MayflyCA.Configuration(policies: files.file("policies"), settings: settings)
        try await serving(try await MayflyCA(configuration)) { ca in
            try await ca.logIn()
            try await body(ca)
        }
    }
}
