// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import TestProviders

@testable import OpenIDConnect

let now = Date(timeIntervalSince1970: 1_795_000_000.5)

/// A provider and its client, for the time of `body`.
/// - Parameter deadline: longer than a busy machine keeps a call waiting.
func withProvider(
    keys: [ProviderKey] = [.p256()], deadline: Duration = .seconds(60),
    _ body: (FakeProvider, OpenIDProvider) async throws -> Void
) async throws {
    let fake = try await FakeProvider(keys: keys)
    try await HTTPClient.withHTTPClient(configuration: ProviderConnection.configuration) { http in
        let provider = OpenIDProvider(
            issuer: try ProviderURL(issuer: fake.issuer),
            client: .init(id: FakeProvider.clientID, secret: FakeProvider.clientSecret),
            connection: ProviderConnection(http: http, deadline: deadline))
        try await body(fake, provider)
    }
}

extension FakeProvider {
    func workload(_ audience: String = "https://ca.example.com") -> Claims {
        Claims(issuer: issuer, audience: audience, now: now).with("repository", "example/shop")
    }

    func person() -> Claims { Claims(issuer: issuer, audience: Self.clientID, now: now).with("email", "ana@example.com") }
}

extension OpenIDProvider {
    @discardableResult
    func workload(_ token: String, at time: Date = now) async throws -> VerifiedToken {
        try await verifyWorkload(token, audience: "https://ca.example.com", now: time)
    }
}

extension OpenIDProvider.AuthorizationRequest {
    static func fresh() -> Self {
        func random() -> String { Base64URL.encode((0..<32).map { _ in UInt8.random(in: 0...255) }) }
        return .init(
            redirectURI: "http://127.0.0.1:41873/callback", state: random(), nonce: random(), codeVerifier: random())
    }
}
