// SPDX-License-Identifier: Apache-2.0

import Authentication
import FoundationEssentials
import HTTPTypes
import Issuance
import Policies
import ServiceAPI
import X509Certificates

/// From nobody to a session, and out of it again.
struct LoginRoutes: Sendable {
    let login: LocalLogin
    let users: UserDirectory
    let authority: Authority
    let clock: any WallClock
    let failures: FailedLogins

    /// Signatures cost CPU, and guessing shall not pay: a few logins a second from one address are plenty.
    private let limiter = RateLimiter(rate: 5, burst: 20)

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .post, path: Paths.loginChallenges, answer: .anyone(challenge)),
            Endpoint(method: .post, path: Paths.sessions, answer: .anyone(openSession)),
            Endpoint(method: .delete, path: Paths.currentSession, answer: .session(endSession)),
            Endpoint(method: .get, path: Paths.whoami, answer: .session { try .json(whoAmI($0)) }),
        ]
    }

    private func challenge(_ call: Call) async throws -> Reply {
        guard limiter.permits(call.sender, at: clock.now) else { throw CallError.tooManyRequests }
        let request = try call.decode(LoginChallengeRequest.self)
        do {
            return try .json(try login.challenge(for: request, now: clock.now), status: .created)
        } catch {
            throw CallError.invalid("`user` or `session_key_digest` is not valid")
        }
    }

    private func openSession(_ call: Call) async throws -> Reply {
        guard limiter.permits(call.sender, at: clock.now) else { throw CallError.tooManyRequests }
        let request = try call.decode(SessionRequest.self)
        let csr = try CertificateSigningRequest(parsing: request.csr)
        let digest = LocalLogin.digest(ofSessionKey: csr.publicKey.subjectPublicKeyInfo)
        let proven: LocalLogin.Proven
        do {
            proven = try login.proven(request, sessionKeyDigest: digest, now: clock.now)
        } catch {
            failures.count(address: call.address)
            throw error
        }
        let identity = users.identity(
            of: proven.user, authenticatedAt: clock.now, hasSecondFactor: proven.hasSecondFactor, address: call.address)
        let used = UsedChallenge(nonce: proven.challenge.nonce, expires: proven.challenge.expires)
        let users = users
        let opened: (session: SessionRecord, certificate: String)
        do {
            opened = try await authority.openSession(
                for: identity, csr: csr, consuming: used, requestID: call.requestID,
                isStillKnown: { users.user(named: proven.user.name) == proven.user })
        } catch CommitRefusal.challengeAlreadyUsed {
            failures.count(address: call.address)
            throw LoginError.challengeAlreadyUsed
        }
        return try .json(
            SessionReply(
                certificate: opened.certificate, expiresAt: opened.session.expiresAt,
                identity: WhoAmI(identity, sessionExpiresAt: opened.session.expiresAt)), status: .created)
    }

    private func endSession(_ call: AuthenticatedCall) async throws -> Reply {
        try await authority.endSession(of: call.caller)
        return .noContent
    }

    private func whoAmI(_ call: AuthenticatedCall) -> WhoAmI {
        WhoAmI(call.caller.identity, sessionExpiresAt: call.session.expiresAt)
    }
}

extension WhoAmI {
    init(_ identity: Identity, sessionExpiresAt: Date) {
        let groups: [String] = if case .known(let groups) = identity.groups { groups.sorted() } else { [] }
        self.init(
            provider: identity.provider, user: identity.user, login: identity.login, groups: groups,
            sessionExpiresAt: sessionExpiresAt)
    }
}
