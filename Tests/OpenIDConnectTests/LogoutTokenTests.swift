// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestProviders
import Testing

@testable import OpenIDConnect

/// A provider says that a login is over; nobody else can, and nothing else says so.
@Suite struct LogoutTokenTests {
    private static let header = #"{"alg":"ES256","typ":"logout+jwt","kid":"p256"}"#

    @Test(
        arguments: [
            ("sub", nil), (nil, "s1"), ("sub", "s1"),
        ] as [(String?, String?)])
    func `it names a subject, a session, or both`(_ subject: String?, _ session: String?) async throws {
        try await withProvider { fake, provider in
            var claims = fake.logout().without("sub")
            if let subject { claims = claims.with("sub", subject) }
            if let session { claims = claims.with("sid", session) }
            for header in [Self.header, nil] {
                let token = try await provider.verifyLogout(fake.key.token(claims.json, header: header), now: now)
                #expect(token.subject == subject && token.session == session)
                #expect(token.issued == Date(timeIntervalSince1970: 1_795_000_000))
            }
        }
    }

    @Test(
        arguments: [
            ("events", nil, TokenError.claimMissing("events")), ("events", "{}", .claimMissing("events")),
            ("events", #"["http://schemas.openid.net/event/backchannel-logout"]"#, .claimMissing("events")),
            ("events", #"{"http://schemas.openid.net/event/backchannel-logout":true}"#, .claimMissing("events")),
            ("events", #"{"http://schemas.openid.net/event/other":{}}"#, .claimMissing("events")),
            ("nonce", #""n""#, .otherType), ("nonce", "null", .otherType), ("jti", nil, .claimMissing("jti")),
            ("jti", #""""#, .claimMissing("jti")), ("jti", "1", .claimMissing("jti")), ("sub", nil, .claimMissing("sid")),
            ("sub", #""""#, .claimMissing("sub")), ("sid", #""""#, .claimInvalid("sid")), ("sid", "1", .claimInvalid("sid")),
            ("iat", "1794999399", .issuedTooLongAgo), ("iat", "1795000062", .notYetValid), ("iat", nil, .claimMissing("iat")),
            ("exp", "1794999940", .expired), ("exp", nil, .claimMissing("exp")),
            ("iss", #""https://evil.example""#, .otherIssuer), ("aud", #""other""#, .otherAudience),
            ("aud", #"["mayfly","other"]"#, .otherParty),
        ] as [(String, String?, TokenError)])
    func `one that is not as it should be is refused`(_ name: String, _ json: String?, _ error: TokenError) async throws {
        try await withProvider { fake, provider in
            let claims = json.map { fake.logout().with(name, json: $0) } ?? fake.logout().without(name)
            let token = try fake.key.token(claims.json, header: Self.header)
            await #expect(throws: error) { try await provider.verifyLogout(token, now: now) }
        }
    }

    @Test func `one of another signer, algorithm or type is refused`() async throws {
        let key = try ProviderKey.rsa()
        try await withProvider(keys: [key]) { fake, provider in
            let claims = fake.logout().json
            for (token, error) in [
                (try ProviderKey.rsa().token(claims), TokenError.signatureInvalid),
                (try key.token(claims, header: #"{"alg":"none","kid":"rsa"}"#), .algorithmNotAllowed),
                (key.macToken(claims), .algorithmNotAllowed),
                (try key.token(claims, header: #"{"alg":"RS256","kid":"rsa","typ":"at+jwt"}"#), .otherType),
                ("garbage", .notAToken),
            ] {
                await #expect(throws: error) { try await provider.verifyLogout(token, now: now) }
            }
        }
    }

    @Test func `neither is it a login, nor a login one of these`() async throws {
        try await withProvider { fake, provider in
            let login = try fake.key.token(fake.person().with("jti", "1").json)
            await #expect(throws: TokenError.claimMissing("events")) { try await provider.verifyLogout(login, now: now) }
            let logout = try fake.key.token(fake.logout().json)
            await #expect(throws: TokenError.otherType) { try await provider.verifyLogin(logout, nonce: nil, now: now) }
            let workload = try fake.key.token(fake.logout().with("aud", "https://ca.example.com").json)
            await #expect(throws: TokenError.otherType) { try await provider.workload(workload) }
        }
    }
}

extension FakeProvider {
    fileprivate func logout() -> Claims {
        .logout(issuer: issuer, audience: Self.clientID, id: "1", now: now)
    }
}
