// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import TestProviders
import Testing

@testable import OpenIDConnect

/// A workload brings a token; whoever does not follow the rules is refused.
@Suite struct TokenTests {
    @Test func `a token with each accepted signature is believed`() async throws {
        for key in [ProviderKey.p256(), .ed25519(), try .rsa()] {
            try await withProvider(keys: [key]) { fake, provider in
                let token = try await provider.workload(key.token(fake.workload().json))
                #expect(token.subject == "248289761001")
                #expect(token.claims["repository"] == .string("example/shop"))
                #expect(token.expires == Date(timeIntervalSince1970: 1_795_000_300))
            }
        }
    }

    @Test(arguments: [
        ("iss", #""https://elsewhere.example""#, TokenError.otherIssuer), ("iss", "1", .otherIssuer),
        ("aud", #""https://other.example""#, .otherAudience), ("aud", #"[]"#, .otherAudience),
        ("aud", "true", .claimInvalid("aud")),
        ("aud", #"["https://ca.example.com","https://other.example"]"#, .otherParty),
        ("aud", #"["https://ca.example.com",1]"#, .claimInvalid("aud")), ("aud", #""https://ca.example.com/""#, .otherAudience),
        ("sub", #""""#, .claimMissing("sub")), ("sub", "1", .claimMissing("sub")),
        ("exp", "1794999940", .expired), ("exp", #""1795000300""#, .claimInvalid("exp")), ("exp", "-1", .claimInvalid("exp")),
        ("exp", "1e300", .claimInvalid("exp")), ("exp", "1795086401", .lifetimeTooLong(limit: 86_400)),
        ("iat", "1795000061", .notYetValid), ("iat", "null", .claimInvalid("iat")),
        ("nbf", "1795000061", .notYetValid), ("nbf", #""soon""#, .claimInvalid("nbf")),
    ])
    func `a claim that is not as it should be is refused`(_ name: String, _ json: String, _ error: TokenError) async throws {
        try await withProvider { fake, provider in
            let token = try fake.key.token(fake.workload().with(name, json: json).json)
            await #expect(throws: error) { try await provider.workload(token) }
        }
    }

    @Test(arguments: ["sub", "aud", "exp", "iat"])
    func `a claim that is missing is refused`(_ name: String) async throws {
        try await withProvider { fake, provider in
            let token = try fake.key.token(fake.workload().without(name).json)
            await #expect(throws: TokenError.claimMissing(name)) { try await provider.workload(token) }
        }
    }

    @Test func `clocks may differ by a minute and no more`() async throws {
        try await withProvider { fake, provider in
            let late = fake.workload().with("exp", json: "1794999941")
            try await provider.workload(fake.key.token(late.json))
            let early = fake.workload().with("iat", json: "1795000060").with("nbf", json: "1795000060.4")
            try await provider.workload(fake.key.token(early.json))
        }
    }

    @Test(arguments: ["iss", "aud", "exp", "repository"])
    func `a claim that stands twice is refused`(_ name: String) async throws {
        try await withProvider { fake, provider in
            let token = try fake.key.token(fake.workload().adding(name, json: #""x""#).json)
            await #expect(throws: TokenError.duplicateMember(name)) { try await provider.workload(token) }
        }
    }

    @Test(arguments: [
        (#"{"alg":"none","kid":"p256"}"#, TokenError.algorithmNotAllowed), (#"{"kid":"p256"}"#, .algorithmNotAllowed),
        (#"{"alg":"HS256","kid":"p256"}"#, .algorithmNotAllowed), (#"{"alg":"es256","kid":"p256"}"#, .algorithmNotAllowed),
        (#"{"alg":"PS256","kid":"p256"}"#, .algorithmNotAllowed), (#"{"alg":["ES256"],"kid":"p256"}"#, .algorithmNotAllowed),
        (#"{"alg":"ES256","alg":"ES256"}"#, .duplicateMember("alg")), (#"{"alg":"RS256","kid":"p256"}"#, .unknownKey),
        (#"{"alg":"EdDSA","kid":"p256"}"#, .unknownKey), (#"{"alg":"ES256","kid":"other"}"#, .unknownKey),
        (#"{"alg":"ES256","kid":1}"#, .notAToken), (#"{"alg":"ES256","kid":"p256","typ":"at+jwt"}"#, .otherType),
        (#"{"alg":"ES256","kid":"p256","typ":"logout+jwt"}"#, .otherType), (#"{"alg":"ES256","typ":1}"#, .otherType),
        (#"{"alg":"ES256","kid":"p256","crit":["exp"]}"#, .criticalHeader), (#"{"alg":"ES256","b64":false}"#, .criticalHeader),
        (#"["ES256"]"#, .notAToken),
    ])
    func `a header that is not as it should be is refused`(_ header: String, _ error: TokenError) async throws {
        try await withProvider { fake, provider in
            let token = try fake.key.token(fake.workload().json, header: header)
            await #expect(throws: error) { try await provider.workload(token) }
        }
    }

    @Test func `a MAC with the public key as its secret is refused`() async throws {
        let key = try ProviderKey.rsa()
        try await withProvider(keys: [key]) { fake, provider in
            let header = base64URL(Data(#"{"alg":"HS256","typ":"JWT","kid":"rsa"}"#.utf8))
            let signed = header + "." + base64URL(Data(fake.workload().json.utf8))
            for secret in [try #require(key.rsaPEM), key.jwk] {
                let code = HMAC<SHA256>.authenticationCode(
                    for: Data(signed.utf8), using: SymmetricKey(data: Data(secret.utf8)))
                let token = signed + "." + base64URL(Data(code))
                await #expect(throws: TokenError.algorithmNotAllowed) { try await provider.workload(token) }
            }
        }
    }

    @Test func `a key that the token brings along counts for nothing`() async throws {
        try await withProvider { fake, provider in
            let foreign = ProviderKey.p256()
            let header = #"{"alg":"ES256","kid":"p256","jwk":\#(foreign.jwk),"jku":"\#(fake.issuer)/elsewhere"}"#
            let token = try foreign.token(fake.workload().json, header: header)
            await #expect(throws: TokenError.signatureInvalid) { try await provider.workload(token) }
            #expect(fake.calls(to: "/elsewhere").isEmpty)
        }
    }

    @Test func `a token without the name of its key is believed where there is only one`() async throws {
        let key = ProviderKey.p256(nil)
        try await withProvider(keys: [key, .ed25519("other")]) { fake, provider in
            try await provider.workload(key.token(fake.workload().json))
        }
        try await withProvider(keys: [key, .p256("second")]) { fake, provider in
            await #expect(throws: TokenError.unknownKey) { try await provider.workload(key.token(fake.workload().json)) }
        }
    }

    @Test func `of two keys with one name neither counts`() async throws {
        try await withProvider(keys: [.p256("a"), .p256("a")]) { fake, provider in
            let token = try fake.key.token(fake.workload().json)
            await #expect(throws: TokenError.unknownKey) { try await provider.workload(token) }
        }
    }

    @Test func `keys for something else are passed over`() async throws {
        let key = ProviderKey.p256("a")
        try await withProvider(keys: [key]) { fake, provider in
            let encryption = key.jwk.replacing(#""use":"sig""#, with: #""use":"enc""#)
            fake.answer("/keys", with: .json(#"{"keys":[\#(encryption),1,{"kty":"oct","k":"AAAA","kid":"a","alg":"HS256"}]}"#))
            let token = try key.token(fake.workload().json)
            await #expect(throws: TokenError.unknownKey) { try await provider.workload(token) }
        }
    }

    @Test func `a short RSA key is passed over`() async throws {
        let key = try ProviderKey.rsa(bits: 1024)
        try await withProvider(keys: [key]) { fake, provider in
            await #expect(throws: TokenError.unknownKey) { try await provider.workload(key.token(fake.workload().json)) }
        }
    }

    @Test func `a token that was changed or cut is refused`() async throws {
        try await withProvider { fake, provider in
            let token = try fake.key.token(fake.workload().json)
            for end in stride(from: 0, to: token.count, by: 7) {
                await #expect(throws: TokenError.self) { try await provider.workload(String(token.prefix(end))) }
            }
            for index in token.indices where token[index] != "." {
                var changed = token
                changed.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
                await #expect(throws: TokenError.self) { try await provider.workload(changed) }
            }
            for changed in [token + ".", token + "=", " " + token, token + "\n", "." + token] {
                await #expect(throws: TokenError.self) { try await provider.workload(changed) }
            }
            try await provider.workload(token)
        }
    }

    @Test func `a token that is too long is refused unread`() async throws {
        try await withProvider { fake, provider in
            let token = try fake.key.token(fake.workload().with("x", String(repeating: "x", count: 20_000)).json)
            await #expect(throws: TokenError.tooLong(limit: 16_384)) { try await provider.workload(token) }
            #expect(fake.calls(to: "/keys").isEmpty)
        }
    }

    @Test func `a token is known again by its name or by what is signed`() async throws {
        try await withProvider { fake, provider in
            let named = fake.workload().with("jti", "1")
            let first = try await provider.workload(fake.key.token(named.json)).uniqueID
            // ECDSA signs differently each time.
            #expect(try await provider.workload(fake.key.token(named.json)).uniqueID == first)
            #expect(try await provider.workload(fake.key.token(named.with("jti", "2").json)).uniqueID != first)
            let nameless = try fake.key.token(fake.workload().json)
            let again = try fake.key.token(fake.workload().json)
            #expect(nameless != again)
            #expect(try await provider.workload(nameless).uniqueID == provider.workload(again).uniqueID)
        }
    }
}
