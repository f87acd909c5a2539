// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance
import OpenIDConnect

/// What became of the refresh token of a session that is over.
package enum RevocationResult: String, Sendable, CaseIterable {
    case revoked
    /// The provider would not, or did not answer in time. It was forgotten all the same.
    case failed
}

/// Has providers take the refresh tokens of sessions that are over no longer (RFC 7009). Nobody waits for it, and whatever comes of it,
/// the token is forgotten here.
struct TokenRevocation: Sendable {
    let vault: RefreshTokenVault
    let store: any RefreshTokenStore
    let clock: any WallClock

    /// How long after its session a token is kept for a provider that does not answer. Seconds.
    private static let patience: Double = 600
    /// Between two tries, and longer than one may take. Seconds.
    private static let retry: Double = 60

    private enum Outcome {
        case revoked
        /// The provider has no place to say so, or the login goes on.
        case needless
        case failed(String)
        case later
    }

    /// - Parameter entry: nil for a provider that is not in the configuration.
    /// - Returns: why tokens were forgotten that the provider may still take, one for each.
    func run(_ tokens: [KeptRefreshToken], at entry: ProviderDirectory.Entry?) async throws -> [String] {
        let outcomes = try await tokens.inBatches {
            try await revoke($0, at: entry)
        } while: {
            if case .later = $0 { false } else { true }
        }
        return outcomes.compactMap { if case .failed(let reason) = $0 { reason } else { nil } }
    }

    private func revoke(_ due: KeptRefreshToken, at entry: ProviderDirectory.Entry?) async throws -> Outcome {
        var token = due
        token.dueAt = clock.now.addingTimeInterval(Self.retry)
        // Another process has it.
        guard try await store.replace(token, vouchedUntil: nil) != nil else { return .needless }
        // A provider may end the whole login with one of its tokens. It is told when the last session of the login is over.
        let isNeeded = try await store.sharesLogin(ofSession: due.session, at: clock.now)
        let outcome = isNeeded ? .needless : await outcome(of: due, at: entry)
        switch outcome {
        case .later: return .later
        case .revoked: entry?.revocations.add([.revoked])
        case .failed: entry?.revocations.add([.failed])
        case .needless: break
        }
        try await store.forgetRefreshToken(ofSession: due.session)
        return outcome
    }

    private func outcome(of token: KeptRefreshToken, at entry: ProviderDirectory.Entry?) async -> Outcome {
        guard let entry else { return .needless }
        guard let text = vault.opened(token.sealed, of: token.session, provider: token.provider) else {
            return .failed("it cannot be read")
        }
        do {
            try await entry.provider.revoke(text, now: clock.now)
            return .revoked
        } catch ProviderError.unsupported {
            return .needless
        } catch let error as ProviderError where !error.isOfProvider {
            return .failed("\(error)")
        } catch {
            let isOver = clock.now.timeIntervalSince(token.expiresAt) > Self.patience
            return isOver ? .failed("\(error)") : .later
        }
    }
}
