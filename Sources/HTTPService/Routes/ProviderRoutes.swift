// SPDX-License-Identifier: Apache-2.0

import Authentication
import FoundationEssentials
import HTTPTypes
import Issuance
import Policies
import ServiceAPI
import X509Certificates

/// From nobody to a session with the help of an identity provider.
struct ProviderRoutes: Sendable {
    let login: ProviderLogin
    let authority: Authority
    let clock: any WallClock
    let failures: FailedLogins

    /// Each of these may make us call a provider.
    private let limiter = RateLimiter(rate: 5, burst: 20)
    /// Of logouts only those that prove nothing count: a provider may end the logins of a whole company at once.
    private let logouts = RateLimiter(rate: 5, burst: 20)

    private static let digestLength = 43

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .get, path: Paths.loginProviders, answer: .anyone { _ in try await list() }),
            Endpoint(method: .post, path: Paths.loginAuthorizations, answer: .anyone { try await limited($0, begin) }),
            Endpoint(method: .post, path: Paths.loginDevices, answer: .anyone { try await limited($0, beginDevice) }),
            Endpoint(method: .post, path: Paths.authorizationSessions, answer: .anyone { try await limited($0, complete) }),
            Endpoint(method: .post, path: Paths.deviceSessions, answer: .anyone { try await limited($0, completeDevice) }),
            Endpoint(method: .post, path: Paths.tokenSessions, answer: .anyone { try await limited($0, redeemToken) }),
            Endpoint(method: .post, path: Paths.backChannelLogout, answer: .anyone(logout)),
        ]
    }

    /// Open to anyone, so whether a provider is there, and not why it is not.
    private func list() async throws -> Reply {
        var list = LoginProviderList(providers: [])
        for entry in login.providers.entries {
            list.providers.append(
                LoginProvider(
                    name: entry.declaration.name, type: entry.declaration.people == nil ? .workload : .people,
                    deviceFlow: entry.declaration.people?.allowsDeviceFlow ?? false,
                    redirectPort: entry.declaration.people?.redirectPort,
                    available: await entry.trouble == nil))
        }
        return try .json(list)
    }

    private func limited(_ call: Call, _ answer: (Call) async throws -> Reply) async throws -> Reply {
        guard limiter.permits(call.sender, at: clock.now) else { throw CallError.tooManyRequests }
        do {
            return try await answer(call)
        } catch let error as ProviderLoginError {
            if error.isFailedAttempt { failures.count(address: call.address) }
            throw error
        }
    }

    private func begin(_ call: Call) async throws -> Reply {
        let request = try call.decode(ServiceAPI.AuthorizationRequest.self)
        guard (1024...65535).contains(request.port) else { throw CallError.invalid("`port` is not one of 1024 to 65535") }
        let begun = try await login.begin(
            provider: request.provider, port: request.port, sessionKeyDigest: try digest(request.sessionKeyDigest),
            now: clock.now)
        return try .json(
            Authorization(authorizationURL: begun.url, state: begun.state, expiresAt: begun.expires), status: .created)
    }

    private func complete(_ call: Call) async throws -> Reply {
        let request = try call.decode(AuthorizationSessionRequest.self)
        let csr = try CertificateSigningRequest(parsing: request.csr)
        guard (1...4096).contains(request.code.utf8.count) else { throw CallError.invalid("`code` is not valid") }
        let proven = try await login.complete(
            provider: request.provider, state: request.state, code: request.code, responseIssuer: request.iss,
            port: request.port, sessionKeyDigest: csr.sessionKeyDigest, address: call.address, now: clock.now)
        return try await open(proven, csr, call)
    }

    private func beginDevice(_ call: Call) async throws -> Reply {
        let request = try call.decode(DeviceRequest.self)
        let begun = try await login.beginDevice(
            provider: request.provider, sessionKeyDigest: try digest(request.sessionKeyDigest), now: clock.now)
        return try .json(
            Device(
                device: begun.handle, userCode: begun.userCode, verificationURI: begun.verificationURI,
                verificationURIComplete: begun.completeVerificationURI, interval: begun.interval, expiresAt: begun.expires),
            status: .created)
    }

    private func completeDevice(_ call: Call) async throws -> Reply {
        let request = try call.decode(DeviceSessionRequest.self)
        let csr = try CertificateSigningRequest(parsing: request.csr)
        let proven = try await login.completeDevice(
            provider: request.provider, handle: request.device, sessionKeyDigest: csr.sessionKeyDigest, address: call.address,
            now: clock.now)
        return try await open(proven, csr, call)
    }

    private func redeemToken(_ call: Call) async throws -> Reply {
        let request = try call.decode(TokenSessionRequest.self)
        let csr = try CertificateSigningRequest(parsing: request.csr)
        let proven = try await login.workload(
            provider: request.provider, token: request.token, address: call.address, now: clock.now)
        return try await open(proven, csr, call)
    }

    private func open(
        _ proven: ProviderLogin.Proven, _ csr: CertificateSigningRequest, _ call: Call
    ) async throws -> Reply {
        let opened: (session: SessionRecord, certificate: String)
        do {
            opened = try await authority.openSession(
                for: proven.identity, keeping: proven.kept, login: proven.login,
                vouching: proven.vouching, csr: csr, consuming: proven.used,
                lifetime: proven.lifetime,
                requestID: call.requestID, idempotencyKey: call.idempotencyKey, isStillKnown: { true })
        } catch CommitRefusal.challengeAlreadyUsed {
            throw proven.usedBefore
        } catch CommitRefusal.loginEnded {
            throw ProviderLoginError.loginEnded(proven.identity.provider)
        }
        return try .json(
            SessionReply(
                certificate: opened.certificate, expiresAt: opened.session.expiresAt,
                identity: WhoAmI(proven.identity, sessionExpiresAt: opened.session.expiresAt)), status: .created)
    }

    /// Called by providers. What is wrong with the token is a 400 there (OpenID Connect Back-Channel Logout §2.8).
    private func logout(_ call: Call) async throws -> Reply {
        try await logouts.chargingFailures(of: call.sender, by: clock) {
            let token = try call.formValue("logout_token")
            do {
                let ended = try await authority.endSessions(
                    of: try await login.logout(token: token, now: clock.now), requestID: call.requestID)
                return try .json(LogoutReply(ended: ended))
            } catch CommitRefusal.challengeAlreadyUsed {
                throw CallError.malformed("the token was used already")
            } catch let error as ProviderLoginError {
                if case .provider = error { throw error }
                if error.isFailedAttempt { failures.count(address: call.address) }
                throw CallError.malformed(error.description)
            }
        }
    }

    private func digest(_ text: String) throws(CallError) -> String {
        guard text.utf8.count == Self.digestLength else { throw .invalid("`session_key_digest` is not valid") }
        return text
    }
}

extension CertificateSigningRequest {
    fileprivate var sessionKeyDigest: String { LocalLogin.digest(ofSessionKey: publicKey.subjectPublicKeyInfo) }
}

extension ProviderLoginError {
    /// Whether somebody tried to be who they are not, rather than asked for what there is not.
    var isFailedAttempt: Bool {
        switch self {
        case .loginInvalid, .loginAlreadyUsed, .token, .unreadableToken, .identity: true
        case .unknownProvider, .tokenOfNone, .notForPeople, .notForWorkloads, .otherPort, .deviceFlowRefused, .loginExpired,
            .loginEnded, .pending,
            .slowDown,
            .provider, .down, .refusedByProvider, .sessionIdentityTooLarge:
            false
        }
    }
}
