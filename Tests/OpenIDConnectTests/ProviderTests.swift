// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestProviders
import Testing

@testable import OpenIDConnect

/// A provider that changes its keys, is down, slow, too talkative, or sends us elsewhere.
@Suite struct ProviderTests {
    @Test func `keys that were changed a moment ago are found`() async throws {
        try await withProvider { fake, provider in
            try await provider.workload(fake.key.token(fake.workload().json))
            fake.rotate(to: [.ed25519("next")])
            try await provider.workload(fake.key.token(fake.workload().json), at: now + 11)
            #expect(fake.calls(to: "/keys").count == 2)
        }
    }

    @Test func `keys that were changed under a login are found at once, and strangers cause no look meanwhile`() async throws {
        try await withProvider { fake, provider in
            try await provider.workload(fake.key.token(fake.workload().json))
            let request = OpenIDProvider.AuthorizationRequest.fresh()
            let url = try await provider.authorizationURL(for: request, scopes: [], maximumAge: nil, now: now)
            fake.rotate(to: [.ed25519("next")])
            let code = FakeProvider.query(try fake.approve(url, fake.person()))["code"] ?? ""
            _ = try await provider.redeem(code: code, of: request, responseIssuer: nil, now: now)
            #expect(fake.calls(to: "/keys").count == 2)
            let invented = try ProviderKey.p256("invented").token(fake.workload().json)
            await #expect(throws: TokenError.unknownKey) { try await provider.workload(invented, at: now + 9) }
            #expect(fake.calls(to: "/keys").count == 2)
        }
    }

    @Test func `a key that was withdrawn does not count for longer than an hour`() async throws {
        try await withProvider { fake, provider in
            let old = fake.key
            try await provider.workload(old.token(fake.workload().json))
            fake.rotate(to: [.p256("next")])
            let later = now + 3600
            let token = try old.token(fake.workload().with("exp", json: "1795009000").json)
            await #expect(throws: TokenError.unknownKey) { try await provider.workload(token, at: later) }
        }
    }

    @Test func `tokens with invented keys cause one look at the provider`() async throws {
        try await withProvider { fake, provider in
            try await provider.workload(fake.key.token(fake.workload().json))
            for number in 0..<20 {
                let token = try ProviderKey.p256("invented-\(number)").token(fake.workload().json)
                await #expect(throws: TokenError.unknownKey) { try await provider.workload(token, at: now + 11) }
            }
            #expect(fake.calls(to: "/keys").count == 2)
        }
    }

    @Test func `tokens of another issuer cause none`() async throws {
        try await withProvider { fake, provider in
            let token = try fake.key.token(fake.workload().with("iss", "https://elsewhere.example").json)
            await #expect(throws: TokenError.otherIssuer) { try await provider.workload(token) }
            #expect(fake.calls(to: "/.well-known/openid-configuration").isEmpty)
        }
    }

    @Test func `many callers share one look at the provider`() async throws {
        try await withProvider { fake, provider in
            let token = try fake.key.token(fake.workload().json)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { try await provider.workload(token) } }
                try await group.waitForAll()
            }
            #expect(fake.calls(to: "/keys").count == 1)
            #expect(fake.calls(to: "/.well-known/openid-configuration").count == 1)
        }
    }

    @Test func `a provider that is down is asked again later, and its keys serve meanwhile`() async throws {
        try await withProvider { fake, provider in
            fake.answer("/keys", with: .json("{}", status: 500))
            let token = try fake.key.token(fake.workload().with("exp", json: "1795009000").json)
            await #expect(throws: ProviderError.status(.keys, 500)) { try await provider.workload(token) }
            fake.answer("/keys", with: nil)
            // Not at once, or each call would wait for a provider that is down.
            await #expect(throws: ProviderError.status(.keys, 500)) { try await provider.workload(token, at: now + 9) }
            try await provider.workload(token, at: now + 10)
            fake.answer("/keys", with: .json("{}", status: 500))
            try await provider.workload(token, at: now + 3700)
            await #expect(throws: ProviderError.status(.keys, 500)) {
                let later = fake.workload().with("exp", json: "1795030000").json
                return try await provider.workload(fake.key.token(later), at: now + 10 + 6 * 3600)
            }
        }
    }

    @Test func `a provider that is not there is reported`() async throws {
        try await withProvider { fake, provider in
            try await fake.stop()
            let token = try fake.key.token(fake.workload().json)
            await #expect(throws: ProviderError.unreachable(.configuration)) { try await provider.workload(token) }
        }
    }

    /// The deadline is also that of the configuration, which is to come in time.
    @Test(arguments: [FakeProvider.Answer.silence, .drip])
    func `a provider that never answers, or never ends, is given up`(_ answer: FakeProvider.Answer) async throws {
        try await withProvider(deadline: .seconds(20)) { fake, provider in
            fake.answer("/keys", with: answer)
            let token = try fake.key.token(fake.workload().json)
            await #expect(throws: ProviderError.tooSlow(.keys)) { try await provider.workload(token) }
        }
    }

    @Test func `ten megabytes of keys are not read`() async throws {
        try await withProvider { fake, provider in
            fake.answer("/keys", with: .bytes(10 << 20))
            let token = try fake.key.token(fake.workload().json)
            await #expect(throws: ProviderError.tooLarge(.keys, limit: 65_536)) { try await provider.workload(token) }
        }
    }

    @Test func `more keys than any provider has are refused`() async throws {
        try await withProvider { fake, provider in
            fake.answer("/keys", with: .json(#"{"keys":[\#(Array(repeating: "{}", count: 65).joined(separator: ","))]}"#))
            let token = try fake.key.token(fake.workload().json)
            await #expect(throws: ProviderError.documentInvalid(.keys, "it has more than 64 keys")) {
                try await provider.workload(token)
            }
        }
    }

    @Test(arguments: ["/.well-known/openid-configuration", "/keys", "/token"])
    func `a redirect is not followed`(_ path: String) async throws {
        let inside = try await FakeProvider()
        try await withProvider { fake, provider in
            fake.answer(path, with: .redirect(to: inside.issuer + path))
            let request = OpenIDProvider.AuthorizationRequest.fresh()
            await #expect(throws: ProviderError.self) {
                if path == "/token" {
                    _ = try await provider.redeem(code: "x", of: request, responseIssuer: nil, now: now)
                } else {
                    try await provider.workload(fake.key.token(fake.workload().json))
                }
            }
            #expect(inside.calls(to: path).isEmpty)
            #expect(fake.calls(to: path).count == 1)
        }
    }

    @Test(arguments: [
        ("issuer", #""https://elsewhere.example""#), ("issuer", "null"), ("jwks_uri", "null"),
        ("jwks_uri", #""http://169.254.169.254/latest/meta-data""#), ("jwks_uri", #""http://10.0.0.1/keys""#),
        ("jwks_uri", #""https://169.254.169.254/latest/meta-data""#), ("jwks_uri", #""https://10.0.0.1/keys""#),
        ("token_endpoint", #""https://192.168.1.1/""#), ("revocation_endpoint", #""https://[fd00:ec2::254]/""#),
        ("jwks_uri", #""file:///etc/passwd""#), ("jwks_uri", #""//10.0.0.1/keys""#), ("token_endpoint", #""ftp://127.0.0.1/""#),
        ("token_endpoint", #""https://user:secret@127.0.0.1/""#),
    ])
    func `a configuration that says something else is refused`(_ name: String, _ json: String) async throws {
        try await withProvider { fake, provider in
            var document = try #require(
                try JSONSerialization.jsonObject(with: Data(fake.configuration.utf8)) as? [String: Any])
            document[name] = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
            let text = String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self)
            fake.answer("/.well-known/openid-configuration", with: .json(text))
            let token = try fake.key.token(fake.workload().json)
            await #expect(throws: ProviderError.self) { try await provider.workload(token) }
            #expect(fake.calls(to: "/keys").isEmpty)
        }
    }

    @Test(arguments: [
        "http://idp.example.com", "http://10.0.0.1", "http://localhost.example.com", "http://127.0.0.1.example.com", "ftp://a",
        "idp.example.com", "https://", "https://a@b.example", "https://a.example#b", "https://ä.example",
        "https://a.example/ b",
        "https://a.example?b", "", "http://127.0.0.256", "HTTPS://a.example", "http://a.localhost", "http://10.0.0.1",
        "https://a.example:0", "https://a.example:+443", "https://a.example:65536", "https://a..example", "https://%61.example",
        #"https://a.example\@b.example"#, "https://[::1", "https://[127.0.0.1]", "https://[a.example]", "https://[::1]a",
        // Other forms of 127.0.0.1.
        "https://127.1", "https://0x7f.1", "https://0x7F000001", "https://2130706433", "https://0177.0.0.1",
        "https://127.0.0.01", "https://[fe80::1%25eth0]",
    ])
    func `an issuer that is no safe address is refused`(_ text: String) {
        #expect(throws: ProviderError.self) { try ProviderURL(issuer: text) }
    }

    @Test(arguments: [
        "https://idp.example.com", "https://idp.example.com/a/b", "http://127.0.0.1:1", "http://localhost:80/x",
        "http://[::1]:1", "http://LOCALHOST", "https://idp.example.com.", "https://1.example:8443",
    ])
    func `an issuer with TLS or on this machine is taken`(_ text: String) throws {
        #expect(try ProviderURL(issuer: text).text == text)
    }

    private static let ofThisMachine = [
        "127.0.0.1", "127.9.9.9", "LOCALHOST", "localhost.", "a.localhost", "0.0.0.0", "0.1.2.3", "127.0.0.1.", "[::]", "[::1]",
        "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::FFFF:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]",
    ]
    private static let ofTheLink = ["169.254.169.254", "[fe80::1]", "[FEBF::1]", "[::ffff:169.254.169.254]"]
    private static let ofPrivateNetworks = [
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "[fc00::1]",
        "[fd00:ec2::254]",
        "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fec0::1]",
    ]
    private static let ofTheWorld = [
        "keys.example.org", "8.8.8.8", "172.32.0.1", "100.128.0.1", "169.253.0.1", "[2001:4860:4860::8888]", "[::ffff:8.8.8.8]",
        "localhost.example.org",
    ]

    /// - Returns: those that a provider with this issuer may name.
    private func named(_ hosts: [String], by issuer: String) throws -> [String] {
        let issuer = try ProviderURL(issuer: issuer)
        return hosts.filter { host in
            let document: [String: JSONValue] = [
                "issuer": .string(issuer.text), "jwks_uri": .string("https://\(host):8443/keys?v=1"),
            ]
            return (try? ProviderMetadata(parsing: document, issuer: issuer)) != nil
        }
    }

    @Test(arguments: ["https://idp.example.com", "https://8.8.8.8", "https://[2001:db8::1]:8443"])
    func `a provider elsewhere cannot send us to where only we can go`(_ issuer: String) throws {
        #expect(try named(Self.ofThisMachine, by: issuer) == [])
        #expect(try named(Self.ofTheLink, by: issuer) == [])
        #expect(try named(Self.ofPrivateNetworks, by: issuer) == [])
        #expect(try named(Self.ofTheWorld, by: issuer) == Self.ofTheWorld)
    }

    @Test(arguments: ["https://10.1.2.3", "https://[fd12::3]"])
    func `a provider in a private network names others there, and not this machine`(_ issuer: String) throws {
        #expect(try named(Self.ofPrivateNetworks, by: issuer) == Self.ofPrivateNetworks)
        #expect(try named(Self.ofTheWorld, by: issuer) == Self.ofTheWorld)
        #expect(try named(Self.ofThisMachine + Self.ofTheLink, by: issuer) == [])
        #expect(throws: ProviderError.self) { try ProviderURL("http://10.1.2.3/keys", of: ProviderURL(issuer: issuer)) }
    }

    @Test func `a provider on this machine names others here, and nothing else that is near`() throws {
        for issuer in ["http://localhost:8080", "https://127.0.0.1", "https://[::ffff:127.0.0.1]"] {
            #expect(try named(Self.ofThisMachine, by: issuer) == Self.ofThisMachine)
            #expect(try named(Self.ofPrivateNetworks + Self.ofTheLink, by: issuer) == [])
        }
    }

    @Test func `a provider may always name its own host`() throws {
        for (issuer, host) in [
            ("https://169.254.1.1/a", "169.254.1.1"), ("https://Keycloak.internal", "keycloak.INTERNAL."),
            ("https://[FD00::1]:8443", "[fd00:0::0001]"),
        ] { #expect(try named([host], by: issuer) == [host]) }
    }
}
