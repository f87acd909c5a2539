// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Issuance
import OpenIDConnect
import Policies

/// Asks identity providers again, with refresh tokens, whether people with open sessions are still who they were at login. The
/// session certificate carries a digest of what the provider said then, so a change ends the session.
///
/// The tokens of those whose sessions are over it has revoked.
///
/// INVARIANT: a session goes on only when its provider said yes. Where nobody asks, or nobody answers, `vouchedUntil` ends it.
package struct SessionRecheck: Sendable {
    private let providers: ProviderDirectory
    private let vault: RefreshTokenVault
    private let authority: Authority
    private let store: any Store & RefreshTokenStore
    private let clock: any WallClock

    /// Tokens of one look.
    private static let most = 500
    /// Longer than a provider may take for its answers: token, keys and userinfo. Seconds.
    private static let lease: Double = 60
    /// Between two tries of one that does not answer, at most. Seconds.
    private static let retry: Double = 60

    package init(
        providers: ProviderDirectory, vault: RefreshTokenVault, authority: Authority,
        store: any Store & RefreshTokenStore, clock: any WallClock
    ) {
        self.providers = providers
        self.vault = vault
        self.authority = authority
        self.store = store
        self.clock = clock
    }

    private enum Answer {
        case yes
        case no(because: String)
        /// Nothing, since the provider is down or does not know us.
        case none
    }

    /// Tokens that were forgotten and that their provider may still take.
    package struct Unrevoked: Sendable {
        package let provider: String
        package let count: Int
        /// Of the first of them.
        package let reason: String
    }

    /// Forgets the tokens of providers that are not asked again, as the configuration has it now. Their sessions are refused with their
    /// provider, or when nobody has vouched for them in time.
    /// - Returns: how many.
    package static func forgetStrays(of providers: [ProviderDeclaration], in store: any RefreshTokenStore) async throws -> Int {
        try await store.forgetRefreshTokens(exceptOf: providers.filter { $0.people?.recheck != nil }.map(\.name))
    }

    /// One look at everything that is due. What fails is due again later, and ends by itself in the end.
    package func run() async throws -> [Unrevoked] {
        let now = clock.now
        let due = try await store.refreshTokens(dueAt: now, limit: Self.most)
        let revocation = TokenRevocation(vault: vault, store: store, clock: clock)
        return try await Dictionary(grouping: due, by: \.provider).concurrently { name, tokens in
            let entry = providers[name]
            try await check(tokens.filter { now < $0.expiresAt }, with: entry)
            let failures = try await revocation.run(tokens.filter { now >= $0.expiresAt }, at: entry)
            return failures.first.map { Unrevoked(provider: name, count: failures.count, reason: $0) }
        }.compactMap(\.self)
    }

    private func check(_ tokens: [KeptRefreshToken], with entry: ProviderDirectory.Entry?) async throws {
        var open: [(KeptRefreshToken, SessionRecord)] = []
        for token in tokens {
            guard let session = try await store.session(serial: token.session), session.endedAt == nil else { continue }
            if session.isVouched(at: clock.now) {
                open.append((token, session))
            } else {
                try await authority.end(session, because: "the identity provider could not be asked again in time")
            }
        }
        // One that was taken out of the configuration vouches for nobody; its sessions are refused, and end with their time.
        guard let entry, let recheck = entry.declaration.people?.recheck else { return }
        _ = try await open.inBatches { token, session in
            try await check(token, of: session, with: entry, recheck)
        } while: {
            $0
        }
    }

    /// - Returns: false where the provider did not answer.
    private func check(
        _ due: KeptRefreshToken, of session: SessionRecord, with entry: ProviderDirectory.Entry,
        _ recheck: ProviderDeclaration.Recheck
    ) async throws -> Bool {
        var token = due
        token.dueAt = clock.now.addingTimeInterval(Self.lease)
        // Another process has it, or the session is over.
        guard let leased = try await store.replace(token, vouchedUntil: nil) else { return true }
        token = leased
        switch try await answer(&token, of: session, from: entry) {
        case .yes:
            let now = clock.now
            token.dueAt = min(now.addingTimeInterval(recheck.interval), token.expiresAt)
            _ = try await store.replace(token, vouchedUntil: now.addingTimeInterval(recheck.interval + recheck.grace))
            return true
        case .no(let reason):
            try await authority.end(session, because: reason)
            return true
        case .none:
            token.dueAt = clock.now.addingTimeInterval(min(Self.retry, recheck.interval))
            _ = try await store.replace(token, vouchedUntil: nil)
            return false
        }
    }

    private func answer(
        _ token: inout KeptRefreshToken, of session: SessionRecord, from entry: ProviderDirectory.Entry
    ) async throws -> Answer {
        guard let subject = session.login?.subject, let kept = try session.identity?.identity(from: nil),
            let refreshToken = vault.opened(token.sealed, of: session.serial, provider: session.provider)
        else { return .no(because: "its refresh token cannot be read") }
        do {
            let refreshed = try await entry.provider.refresh(refreshToken, now: clock.now)
            if let rotated = refreshed.rotated {
                // Before anything else can fail: the old one may be void already.
                token.sealed = try vault.sealed(rotated, of: session.serial, provider: session.provider)
                guard let stored = try await store.replace(token, vouchedUntil: nil) else {
                    // Nobody knows of it but us, and the session is over or ends now.
                    try? await entry.provider.revoke(rotated, now: clock.now)
                    return .no(because: "its refresh token was replaced meanwhile")
                }
                token = stored
            }
            let verified = try await entry.provider.verify(
                refreshed, subject: subject, asksUserInfo: entry.declaration.people?.asksUserInfo ?? false, now: clock.now)
            let found = entry.kept(try entry.declaration.identity(of: verified))
            return kept.difference(to: found).map { .no(because: "the identity provider says other \($0)") } ?? .yes
        } catch let error as ProviderError where error.isOfProvider {
            return .none
        } catch ProviderError.refused(let code) {
            return .no(because: "the identity provider refused to renew the login: `\(code)`")
        } catch let error as TokenError {
            return .no(because: "the identity provider's new token is refused: \(error)")
        } catch let error as IdentityError {
            return .no(because: "the identity provider is no longer taken at its word: \(error)")
        }
    }
}

extension Identity {
    /// What a provider says otherwise than at login; nil where that is nothing. When and how somebody has proven themselves is of
    /// the login, and stays.
    fileprivate func difference(to other: Identity) -> String? {
        if user != other.user { return "user names" }
        if login != other.login { return "logins" }
        if groups != other.groups { return "groups" }
        return claims.ofProvider == other.claims.ofProvider ? nil : "claims"
    }
}

extension Known<[String: ClaimValue]> {
    /// Without what this CA adds.
    fileprivate var ofProvider: Self {
        guard case .known(let claims) = self else { return self }
        return .known(claims.filter { !$0.key.hasPrefix("mayfly.") })
    }
}
