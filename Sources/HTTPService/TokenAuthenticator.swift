// SPDX-License-Identifier: Apache-2.0

import Authentication
import Issuance

/// Workloads that show their token with the call itself instead of opening a session first. Nothing is used up here; that
/// happens with the certificate, in its transaction, so a forged token never spoils a good one.
struct TokenAuthenticator: Sendable {
    private let login: ProviderLogin
    private let authority: Authority
    private let clock: any WallClock
    private let failures: FailedLogins
    /// Whoever fails may make us look for a key at the provider; whoever succeeds waits for nobody.
    private let limiter = RateLimiter(rate: 5, burst: 20)

    init(login: ProviderLogin, authority: Authority, clock: any WallClock, failures: FailedLogins) {
        self.login = login
        self.authority = authority
        self.clock = clock
        self.failures = failures
    }

    /// - Parameter authorization: the header.
    /// - Throws: `AuthenticationError.token`
    func authenticated(_ authorization: String, _ call: Call) async throws -> Caller {
        try await limiter.chargingFailures(of: call.sender, by: clock) {
            do {
                let proven = try await login.workload(
                    provider: nil, token: Self.token(in: authorization), address: call.address, now: clock.now)
                let caller = Caller(
                    workload: proven.identity, token: proven.used, requestID: call.requestID,
                    idempotencyKey: call.idempotencyKey)
                do {
                    try await authority.checkToken(of: caller)
                } catch CommitRefusal.challengeAlreadyUsed {
                    throw proven.usedBefore
                }
                return caller
            } catch let error as ProviderLoginError {
                if error.isFailedAttempt { failures.count(address: call.address) }
                throw AuthenticationError.token(error)
            }
        }
    }

    /// RFC 6750 §2.1; the name of the scheme in any case (RFC 9110 §11.1).
    private static func token(in authorization: String) -> String {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : ""
    }
}
