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
        "https://a.example?b", "", "http://127.0.0.256",
    ])
    func `an issuer that is no safe address is refused`(_ text: String) {
        #expect(throws: ProviderError.self) { try ProviderURL(issuer: text) }
    }

    @Test(arguments: [
        "https://idp.example.com", "https://idp.example.com/a/b", "http://127.0.0.1:1", "http://localhost:80/x",
        "http://[::1]:1",
    ])
    func `an issuer with TLS or on this machine is taken`(_ text: String) throws {
        #expect(try ProviderURL(issuer: text).text == text)
    }

    @Test func `a provider elsewhere cannot send us to this machine`() throws {
        let issuer = try ProviderURL(issuer: "https://idp.example.com")
        #expect(throws: ProviderError.self) { try ProviderURL("https://127.0.0.1/keys", of: issuer) }
        #expect(throws: ProviderError.self) { try ProviderURL("https://localhost/keys", of: issuer) }
        #expect(try ProviderURL("https://keys.example.org/k?v=1", of: issuer).text == "https://keys.example.org/k?v=1")
    }
}
