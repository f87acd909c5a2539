// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestProviders
import Testing

@testable import OpenIDConnect

/// Logins of people, by code and by device.
@Suite struct LoginFlowTests {
    private func code(_ redirect: String) -> String { FakeProvider.query(redirect)["code"] ?? "" }

    @Test func `a login is answered with what the ID token says`() async throws {
        try await withProvider { fake, provider in
            let request = OpenIDProvider.AuthorizationRequest.fresh()
            let url = try await provider.authorizationURL(for: request, scopes: ["email", "groups"], maximumAge: 600, now: now)
            let query = FakeProvider.query(url)
            #expect(url.hasPrefix(fake.issuer + "/authorize?"))
            #expect(query["response_type"] == "code")
            #expect(query["scope"] == "openid email groups")
            #expect(query["code_challenge_method"] == "S256")
            #expect(query["max_age"] == "600")
            #expect(query["state"] == request.state)
            #expect(query.values.contains(request.codeVerifier) == false)
            let redirect = try fake.approve(url, fake.person())
            let token = try await provider.redeem(
                code: code(redirect), of: request, responseIssuer: nil, now: now
            ).token
            #expect(token.claims["email"] == .string("ana@example.com"))
            #expect(fake.calls(to: "/token").first?.form["client_secret"] == nil)
            await #expect(throws: ProviderError.refused("invalid_grant")) {
                try await provider.redeem(code: code(redirect), of: request, responseIssuer: nil, now: now)
            }
        }
    }

    @Test func `the code of one login does not end another`() async throws {
        try await withProvider { fake, provider in
            let (mine, theirs) = (OpenIDProvider.AuthorizationRequest.fresh(), OpenIDProvider.AuthorizationRequest.fresh())
            let url = try await provider.authorizationURL(for: theirs, scopes: [], maximumAge: nil, now: now)
            let redirect = try fake.approve(url, fake.person())
            await #expect(throws: ProviderError.refused("invalid_grant")) {
                try await provider.redeem(code: code(redirect), of: mine, responseIssuer: nil, now: now)
            }
        }
    }

    @Test(arguments: [
        ("nonce", #""of another login""#, TokenError.otherNonce), ("nonce", "1", .claimMissing("nonce")),
        ("aud", #""other-client""#, .otherAudience), ("aud", #"["mayfly","other"]"#, .otherParty),
        ("azp", #""other""#, .otherParty),
        ("azp", "1", .otherParty), ("iat", "1794999399", .issuedTooLongAgo),
        ("iss", #""https://elsewhere.example""#, .otherIssuer),
        ("exp", "1794999900", .expired),
    ])
    func `an ID token that is not as it should be is refused`(_ name: String, _ json: String, _ error: TokenError) async throws
    {
        try await withProvider { fake, provider in
            let request = OpenIDProvider.AuthorizationRequest.fresh()
            let url = try await provider.authorizationURL(for: request, scopes: [], maximumAge: nil, now: now)
            let claims = fake.person().with("nonce", request.nonce).with(name, json: json)
            let redirect = fake.approve(url, token: try fake.key.token(claims.json))
            await #expect(throws: error) {
                try await provider.redeem(code: code(redirect), of: request, responseIssuer: nil, now: now)
            }
        }
    }

    @Test func `several audiences are taken when the token was issued to us`() async throws {
        try await withProvider { fake, provider in
            let request = OpenIDProvider.AuthorizationRequest.fresh()
            let url = try await provider.authorizationURL(for: request, scopes: [], maximumAge: nil, now: now)
            let redirect = try fake.approve(url, fake.person().with("aud", json: #"["mayfly","x"]"#).with("azp", "mayfly"))
            _ = try await provider.redeem(code: code(redirect), of: request, responseIssuer: nil, now: now)
        }
    }

    @Test func `an ID token with a foreign signature is refused`() async throws {
        try await withProvider { fake, provider in
            let request = OpenIDProvider.AuthorizationRequest.fresh()
            let url = try await provider.authorizationURL(for: request, scopes: [], maximumAge: nil, now: now)
            let redirect = try fake.approve(url, fake.person(), key: .p256())
            await #expect(throws: TokenError.signatureInvalid) {
                try await provider.redeem(code: code(redirect), of: request, responseIssuer: nil, now: now)
            }
        }
    }

    @Test func `the answer of another provider is refused where providers name themselves`() async throws {
        try await withProvider { fake, provider in
            let configuration = fake.configuration.replacing(
                #""response_types_supported""#,
                with: #""authorization_response_iss_parameter_supported":true,"response_types_supported""#)
            fake.answer("/.well-known/openid-configuration", with: .json(configuration))
            for issuer in [nil, "https://elsewhere.example"] {
                await #expect(throws: TokenError.otherIssuer) {
                    try await provider.redeem(code: "x", of: .fresh(), responseIssuer: issuer, now: now)
                }
            }
            #expect(fake.calls(to: "/token").isEmpty)
        }
    }

    @Test func `an answer without ID token, or none at all, is refused`() async throws {
        try await withProvider { fake, provider in
            for answer in [FakeProvider.Answer.json(#"{"access_token":"x"}"#), .json("[]"), .json(#"{"id_token":1}"#)] {
                fake.answer("/token", with: answer)
                await #expect(throws: ProviderError.self) {
                    try await provider.redeem(code: "x", of: .fresh(), responseIssuer: nil, now: now)
                }
            }
            fake.answer("/token", with: .json(#"{"error":"\u001b[31mred"}"#, status: 400))
            await #expect(throws: ProviderError.refused("31mred")) {
                try await provider.redeem(code: "x", of: .fresh(), responseIssuer: nil, now: now)
            }
        }
    }

    @Test func `a refresh token is revoked where the provider says how`() async throws {
        try await withProvider { fake, provider in
            fake.renew(as: fake.person())
            let request = OpenIDProvider.AuthorizationRequest.fresh()
            let url = try await provider.authorizationURL(for: request, scopes: [], maximumAge: nil, now: now)
            let redirect = try fake.approve(url, fake.person())
            let token = try #require(
                try await provider.redeem(code: code(redirect), of: request, responseIssuer: nil, now: now).refreshToken)
            let next = try #require(try await provider.refresh(token, now: now).rotated)
            try await provider.revoke(next, now: now)
            await #expect(throws: ProviderError.refused("invalid_grant")) { try await provider.refresh(next, now: now) }
            // What it does not know counts no longer either (RFC 7009 §2.2).
            try await provider.revoke(next, now: now)
            let call = try #require(fake.calls(to: "/revoke").first)
            #expect(call.form == ["token": next.text, "token_type_hint": "refresh_token"] && call.authorization != nil)

            let refusals: [(FakeProvider.Answer, ProviderError)] = [
                (.json(#"{"error":"unsupported_token_type"}"#, status: 400), .refused("unsupported_token_type")),
                (.json("{}", status: 503), .status(.revocation, 503)), (.json("{}", status: 401), .status(.revocation, 401)),
                (.redirect(to: "http://169.254.169.254/"), .redirected(.revocation)),
                (.bytes(10 << 20), .tooLarge(.revocation, limit: 65_536)),
            ]
            for (answer, error) in refusals {
                fake.answer("/revoke", with: answer)
                await #expect(throws: error) { try await provider.revoke(next, now: now) }
            }
            let without = fake.configuration.replacing("revocation_endpoint", with: "other_endpoint")
            fake.answer("/.well-known/openid-configuration", with: .json(without))
            await #expect(throws: ProviderError.unsupported("the revocation of tokens")) {
                try await provider.revoke(next, now: now + 3600)
            }
        }
    }

    @Test func `a device waits until the person says yes`() async throws {
        try await withProvider { fake, provider in
            let device = try await provider.startDevice(scopes: ["email"], now: now)
            #expect(device.userCode == "WDJB-MJHT")
            #expect(device.interval == 1)
            guard case .pending = try await provider.pollDevice(code: device.deviceCode, now: now) else {
                Issue.record("not pending")
                return
            }
            fake.answer("/token", with: .json(#"{"error":"slow_down"}"#, status: 400))
            guard case .slowDown = try await provider.pollDevice(code: device.deviceCode, now: now) else {
                Issue.record("not slowed down")
                return
            }
            fake.answer("/token", with: nil)
            try fake.approveDevices(fake.person())
            guard case .approved(let answer) = try await provider.pollDevice(code: device.deviceCode, now: now) else {
                Issue.record("not approved")
                return
            }
            #expect(answer.token.claims["email"] == .string("ana@example.com"))
            await #expect(throws: ProviderError.refused("expired_token")) {
                try await provider.pollDevice(code: device.deviceCode, now: now)
            }
        }
    }

    @Test(arguments: [
        #""user_code":"A\u001b[2J""#, #""verification_uri":"javascript:alert(1)""#,
        #""verification_uri":"http://idp.example.com/""#,
        #""verification_uri_complete":"http://10.0.0.1/""#, #""expires_in":"soon""#, #""device_code":"""#,
    ])
    func `a device login that cannot be shown is refused`(_ member: String) async throws {
        try await withProvider { fake, provider in
            let name = member.split(separator: "\"")[0]
            let others = [
                #""user_code":"A-B""#, #""verification_uri":"https://idp.example.com/""#, #""device_code":"x""#,
                #""expires_in":60"#,
            ].filter { !$0.hasPrefix("\"\(name)\"") }
            fake.answer("/device", with: .json("{" + (others + [member]).joined(separator: ",") + "}"))
            await #expect(throws: ProviderError.self) { try await provider.startDevice(scopes: [], now: now) }
        }
    }
}
