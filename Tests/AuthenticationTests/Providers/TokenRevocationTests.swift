// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Issuance
import OpenIDConnect
import TestProviders
import Testing

@testable import Authentication

/// What becomes of the refresh tokens of sessions that are over.
@Suite struct TokenRevocationTests {
    private let vault = RefreshTokenVault(key: SymmetricKey(size: .bits256))

    private func token(_ session: String, over end: Date = loginTime) throws -> KeptRefreshToken {
        let token = try #require(RefreshToken("renewal of " + session))
        return KeptRefreshToken(
            session: session, provider: "corp", sealed: try vault.sealed(token, of: session, provider: "corp"), dueAt: end,
            expiresAt: end)
    }

    private func run(
        _ store: TokenStore, at entry: ProviderDirectory.Entry?, after seconds: Double = 0
    ) async throws -> [String] {
        let clock = FixedClock(now: loginTime + seconds)
        let due = await store.tokens.values.filter { $0.dueAt <= clock.now }.sorted { $0.session < $1.session }
        return try await TokenRevocation(vault: vault, store: store, clock: clock).run(due, at: entry)
    }

    private func sessions(_ store: TokenStore) async -> [String] { await store.tokens.keys.sorted() }

    @Test func `a provider that does not answer is told again for ten minutes, and then the token is forgotten`() async throws {
        try await withLogin { fake, login in
            let corp = try #require(login.providers["corp"])
            let store = TokenStore([try token("a")])
            fake.answer("/revoke", with: .json("{}", status: 503))
            #expect(try await run(store, at: corp).isEmpty)
            #expect(try await run(store, at: corp, after: 59).isEmpty)
            #expect(fake.calls(to: "/revoke").count == 1)
            #expect(try await run(store, at: corp, after: 60).isEmpty)
            #expect(fake.calls(to: "/revoke").count == 2)
            #expect(await sessions(store) == ["a"] && corp.revocations[.failed] == 0)
            #expect(try await run(store, at: corp, after: 601) == ["its revocation endpoint answered with status 503"])
            #expect(await sessions(store) == [] && corp.revocations[.failed] == 1 && corp.revocations[.revoked] == 0)

            // It comes back in time.
            let late = TokenStore([try token("b")])
            #expect(try await run(late, at: corp).isEmpty)
            fake.answer("/revoke", with: nil)
            #expect(try await run(late, at: corp, after: 60).isEmpty)
            #expect(await sessions(late) == [] && corp.revocations[.revoked] == 1)
            #expect(fake.calls(to: "/revoke").last?.form["token"] == "renewal of b")
        }
    }

    @Test func `a provider that is down is not told of everybody at once`() async throws {
        try await withLogin { fake, login in
            let corp = try #require(login.providers["corp"])
            let store = TokenStore(try (0..<20).map { try token("s\(100 + $0)") })
            fake.answer("/revoke", with: .json("{}", status: 503))
            #expect(try await run(store, at: corp).isEmpty)
            #expect(fake.calls(to: "/revoke").count == 8)
            fake.answer("/revoke", with: nil)
            #expect(try await run(store, at: corp, after: 60).isEmpty)
            #expect(await sessions(store) == [] && corp.revocations[.revoked] == 20)
        }
    }

    @Test func `what nobody can revoke is forgotten at once`() async throws {
        try await withLogin { fake, login in
            let corp = try #require(login.providers["corp"])
            let gone = TokenStore([try token("a")])
            #expect(try await run(gone, at: nil).isEmpty)
            #expect(await sessions(gone) == [])

            var foreign = try token("a")
            foreign.session = "b"
            let unreadable = TokenStore([foreign])
            #expect(try await run(unreadable, at: corp) == ["it cannot be read"])
            #expect(await sessions(unreadable) == [] && corp.revocations[.failed] == 1)

            fake.answer(
                "/.well-known/openid-configuration",
                with: .json(fake.configuration.replacing("revocation_endpoint", with: "other_endpoint")))
            let mute = TokenStore([try token("c")])
            #expect(try await run(mute, at: corp).isEmpty)
            #expect(
                await sessions(mute) == [] && corp.revocations[.failed] == 1, "a provider that has no place for it fails nobody"
            )
            #expect(fake.calls(to: "/revoke").isEmpty)
        }
    }

    @Test func `a login that another session goes on with is not ended`() async throws {
        try await withLogin { fake, login in
            let corp = try #require(login.providers["corp"])
            let store = TokenStore([try token("a"), try token("b")], shared: ["a"])
            #expect(try await run(store, at: corp).isEmpty)
            #expect(fake.calls(to: "/revoke").map { $0.form["token"] } == ["renewal of b"])
            #expect(await sessions(store) == [] && corp.revocations[.revoked] == 1)
        }
    }

    @Test func `a token that another process has in hand is left to it`() async throws {
        try await withLogin { fake, login in
            let mine = try token("a")
            var theirs = mine
            theirs.version = 1
            let store = TokenStore([theirs])
            let revocation = TokenRevocation(vault: vault, store: store, clock: FixedClock(now: loginTime))
            #expect(try await revocation.run([mine], at: login.providers["corp"]).isEmpty)
            #expect(await sessions(store) == ["a"] && fake.calls(to: "/revoke").isEmpty)
        }
    }
}

/// Refresh tokens in memory.
private actor TokenStore: RefreshTokenStore {
    private(set) var tokens: [String: KeptRefreshToken]
    /// Sessions whose login goes on in another one.
    private let shared: Set<String>

    init(_ tokens: [KeptRefreshToken], shared: Set<String> = []) {
        self.shared = shared
        self.tokens = Dictionary(tokens.map { ($0.session, $0) }) { first, _ in first }
    }

    func refreshTokens(dueAt time: Date, limit: Int) async throws -> [KeptRefreshToken] { throw Unexpected() }

    func replace(_ token: KeptRefreshToken, vouchedUntil: Date?) async throws -> KeptRefreshToken? {
        guard tokens[token.session]?.version == token.version, vouchedUntil == nil else { return nil }
        var stored = token
        stored.version += 1
        tokens[token.session] = stored
        return stored
    }

    func sharesLogin(ofSession serial: String, at time: Date) async throws -> Bool { shared.contains(serial) }

    func forgetRefreshToken(ofSession serial: String) async throws { tokens[serial] = nil }

    func forgetRefreshTokens(exceptOf providers: [String]) async throws -> Int { throw Unexpected() }
}
