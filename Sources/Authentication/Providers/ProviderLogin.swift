// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import Issuance
import OpenIDConnect
package import Policies

/// Logins with identity providers: this server is their client, so that no token of theirs reaches a laptop.
package struct ProviderLogin: Sendable {
    package let providers: ProviderDirectory
    private let users: UserDirectory
    private let vault: RefreshTokenVault?
    private let pending = PendingLogins()

    /// Somebody an identity provider vouched for, and what must be marked as used with the session.
    package struct Proven: Sendable {
        package let identity: Identity
        /// As it is kept with the session.
        package let kept: SessionIdentity
        package let used: UsedChallenge
        /// Of a person: what the provider calls this login.
        package let login: ProviderSession?
        /// Where the provider is asked again while the session lasts.
        package let vouching: SessionVouching?
        package let lifetime: Duration?

        /// What to say where `used` was marked already.
        package var usedBefore: ProviderLoginError {
            identity.user == nil ? .usedBefore(identity.provider) : .loginAlreadyUsed
        }
    }

    /// How a person logged in, as policies see it: a code that was typed on another device may have been somebody else's.
    private enum Flow: String {
        case browser
        case device

        /// No provider can say this one: names of its claims do not begin with `mayfly.`.
        static let claim = "mayfly.login"
    }

    /// - Parameter vault: for refresh tokens; nil where no provider is asked again.
    package init(providers: ProviderDirectory, users: UserDirectory, vault: RefreshTokenVault? = nil) {
        self.providers = providers
        self.users = users
        self.vault = vault
    }

    // MARK: Code flow

    /// - Parameters:
    ///   - port: of the loopback interface, on which the client waits for the browser.
    ///   - sessionKeyDigest: who may complete the login.
    package func begin(
        provider name: String, port: Int, sessionKeyDigest: String, now: Date
    ) async throws -> (url: String, state: String, expires: Date) {
        let (entry, people) = try people(name)
        guard people.redirectPort == nil || people.redirectPort == port else { throw ProviderLoginError.otherPort(name) }
        try await requireAnswer(of: entry, now: now)
        let login = pending.begin(.init(provider: name, sessionKeyDigest: sessionKeyDigest, port: port), now: now)
        let url = try await asking(name) {
            try await entry.provider.authorizationURL(
                for: login.request, scopes: people.scopes, maximumAge: people.maximumAge, now: now)
        }
        return (url, login.request.state, login.expires)
    }

    /// - Parameters:
    ///   - responseIssuer: `iss` of the redirect, where it had one.
    ///   - sessionKeyDigest: of the key in the certificate request, computed by the server.
    package func complete(
        provider name: String, state: String, code: String, responseIssuer: String?, port: Int, sessionKeyDigest: String,
        address: String?, now: Date
    ) async throws -> Proven {
        let (entry, people) = try people(name)
        let login = try pending.resume(
            state, .init(provider: name, sessionKeyDigest: sessionKeyDigest, port: port), now: now)
        let answer = try await asking(name) {
            try await entry.provider.redeem(
                code: code, of: login.request, responseIssuer: responseIssuer,
                asksUserInfo: people.asksUserInfo, now: now)
        }
        return try proven(
            answer.token, entry, UsedChallenge(nonce: login.nonce, expires: login.expires), by: .browser,
            refreshToken: answer.refreshToken, address: address, now: now)
    }

    // MARK: Device flow

    package struct Device: Sendable {
        /// Comes back with each poll.
        package let handle: String
        package let userCode: String
        package let verificationURI: String
        package let completeVerificationURI: String?
        /// Seconds between two polls.
        package let interval: Int
        package let expires: Date
    }

    package func beginDevice(provider name: String, sessionKeyDigest: String, now: Date) async throws -> Device {
        let (entry, people) = try people(name)
        guard people.allowsDeviceFlow else { throw ProviderLoginError.deviceFlowRefused(name) }
        try await requireAnswer(of: entry, now: now)
        let started = try await asking(name) {
            try await entry.provider.startDevice(scopes: people.scopes, now: now)
        }
        let expires = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down) + Double(started.expiresIn))
        let handle = try pending.sealed(
            deviceCode: started.deviceCode, .init(provider: name, sessionKeyDigest: sessionKeyDigest, port: 0),
            expires: expires)
        return Device(
            handle: handle, userCode: started.userCode, verificationURI: started.verificationURI,
            completeVerificationURI: started.completeVerificationURI, interval: started.interval, expires: expires)
    }

    /// - Throws: `ProviderLoginError.pending` and `.slowDown` until the person has decided.
    package func completeDevice(
        provider name: String, handle: String, sessionKeyDigest: String, address: String?, now: Date
    ) async throws -> Proven {
        let (entry, people) = try people(name)
        guard people.allowsDeviceFlow else { throw ProviderLoginError.deviceFlowRefused(name) }
        let code = try pending.deviceCode(
            handle, .init(provider: name, sessionKeyDigest: sessionKeyDigest, port: 0), now: now)
        switch try await asking(
            name, { try await entry.provider.pollDevice(code: code, asksUserInfo: people.asksUserInfo, now: now) })
        {
        case .pending: throw ProviderLoginError.pending
        case .slowDown: throw ProviderLoginError.slowDown
        case .approved(let answer):
            let token = answer.token
            return try proven(
                token, entry, UsedChallenge(nonce: "token " + token.uniqueID, expires: token.keptUntil),
                by: .device, refreshToken: answer.refreshToken, address: address, now: now)
        }
    }

    // MARK: Workloads

    /// - Parameter name: nil for the one whose issuer and audience the token names.
    package func workload(
        provider name: String?, token text: String, address: String?, now: Date
    ) async throws -> Proven {
        let workloads = providers.entries.filter { $0.declaration.workload != nil }
        let entry: ProviderDirectory.Entry
        if let name {
            guard let named = providers[name] else {
                throw ProviderLoginError.unknownProvider(known: workloads.map(\.declaration.name))
            }
            entry = named
        } else if workloads.count == 1 {
            entry = workloads[0]
        } else {
            entry = try Self.addressee(among: workloads) { () throws(TokenError) in try UnverifiedAddress(ofToken: text) }
        }
        guard let workload = entry.declaration.workload else {
            throw ProviderLoginError.notForWorkloads(entry.declaration.name)
        }
        let token = try await asking(entry.declaration.name) {
            try await entry.provider.verifyWorkload(text, audience: workload.audience, now: now)
        }
        return try proven(
            token, entry, UsedChallenge(nonce: "token " + token.uniqueID, expires: token.keptUntil),
            address: address, now: now)
    }

    // MARK: Logins that are over

    /// What a logout token says (OpenID Connect Back-Channel Logout §2.6). Nothing is used up here.
    package func logout(token text: String, now: Date) async throws -> EndedLogin {
        let entry = try Self.addressee(among: providers.entries.filter { $0.declaration.people != nil }) {
            () throws(TokenError) in try UnverifiedAddress(ofLogoutToken: text)
        }
        let name = entry.declaration.name
        let token = try await asking(name) { try await entry.provider.verifyLogout(text, now: now) }
        return EndedLogin(
            provider: name, subject: token.subject, session: token.session, issuedAt: token.issued,
            used: UsedChallenge(nonce: "logout " + token.uniqueID, expires: token.issued.addingTimeInterval(Self.logoutKept)))
    }

    /// The one that a token is for by its own word, which its signature has yet to confirm.
    private static func addressee(
        among entries: [ProviderDirectory.Entry], _ read: () throws(TokenError) -> UnverifiedAddress
    ) throws(ProviderLoginError) -> ProviderDirectory.Entry {
        let claimed: UnverifiedAddress
        do throws(TokenError) {
            claimed = try read()
        } catch {
            throw .unreadableToken(error)
        }
        let found = entries.filter {
            claimed.issuer == $0.declaration.issuer.text && claimed.audiences.contains($0.declaration.audience)
        }
        guard let entry = found.first, found.count == 1 else { throw .tokenOfNone(known: entries.map(\.declaration.name)) }
        return entry
    }

    // MARK: -

    /// A person who is sent to a provider that is down waits there for minutes, so it is asked whether it is there before.
    private func requireAnswer(of entry: ProviderDirectory.Entry, now: Date) async throws {
        guard let trouble = await entry.provider.obstacle(now: now) else { return }
        var others: [String] = []
        for other in providers.entries where other.declaration.people != nil && other.declaration.name != entry.declaration.name
        {
            if await other.trouble == nil { others.append(other.declaration.name) }
        }
        throw ProviderLoginError.down(entry.declaration.name, trouble.error, since: trouble.since, others: others)
    }

    private func people(_ name: String) throws -> (ProviderDirectory.Entry, ProviderDeclaration.People) {
        guard let entry = providers[name] else {
            throw ProviderLoginError.unknownProvider(known: providers.entries.map(\.declaration.name))
        }
        guard let people = entry.declaration.people else { throw ProviderLoginError.notForPeople(name) }
        return (entry, people)
    }

    private func proven(
        _ token: VerifiedToken, _ entry: ProviderDirectory.Entry, _ used: UsedChallenge, by flow: Flow? = nil,
        refreshToken: RefreshToken? = nil, address: String?, now: Date
    ) throws -> Proven {
        let declaration = entry.declaration
        var identity: Identity
        do {
            identity = try declaration.identity(of: token)
        } catch {
            throw ProviderLoginError.identity(declaration.name, error)
        }
        if let limit = declaration.people?.maximumAge {
            guard case .known(let time) = identity.authenticatedAt,
                now.timeIntervalSince(time) <= Double(limit) + Self.skew
            else { throw ProviderLoginError.identity(declaration.name, .authenticatedTooLongAgo) }
        }
        if let flow, case .known(var claims) = identity.claims {
            claims[Flow.claim] = .string(flow.rawValue)
            identity.claims = .known(claims)
        }
        let kept: SessionIdentity
        do {
            kept = try SessionIdentity(storing: entry.kept(identity))
        } catch {
            throw ProviderLoginError.sessionIdentityTooLarge(declaration.name)
        }
        identity = entry.current(identity, beside: users)
        identity.address = address.flatMap { IPAddress($0) }
        let login = declaration.people.map { _ in
            ProviderSession(
                subject: token.subject, id: token.providerSession,
                issuedAt: token.claims["iat"]?.seconds.map { Date(timeIntervalSince1970: $0) })
        }
        let vouching = vouching(refreshToken, entry.declaration)
        var lifetime = declaration.session
        if let recheck = declaration.people?.recheck, vouching == nil {
            // What cannot be asked again must not be older than what is: another login is the only way.
            lifetime = min(lifetime ?? .seconds(recheck.interval), .seconds(recheck.interval))
        }
        return Proven(
            identity: identity, kept: kept, used: used, login: login, vouching: vouching, lifetime: lifetime)
    }

    private func vouching(_ token: RefreshToken?, _ declaration: ProviderDeclaration) -> SessionVouching? {
        guard let token, let recheck = declaration.people?.recheck, let vault else { return nil }
        return SessionVouching(interval: recheck.interval, grace: recheck.grace) { session in
            try vault.sealed(token, of: session, provider: declaration.name)
        }
    }

    private static let skew: Double = 60  // seconds
    /// Longer than a logout token is taken, and than a login lasts that was under way: each may be ten minutes old. Seconds.
    private static let logoutKept: Double = 1200

    /// With the name of the provider in whatever goes wrong.
    private func asking<Result>(_ name: String, _ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as TokenError {
            throw ProviderLoginError.token(name, error)
        } catch let error as ProviderError where error.isOfProvider {
            throw ProviderLoginError.provider(name, error)
        } catch ProviderError.refused(let code) {
            throw ProviderLoginError.refusedByProvider(name, code: code)
        }
    }
}

extension VerifiedToken {
    /// How long it must be remembered as used: a little longer than it could be presented.
    fileprivate var keptUntil: Date { expires.addingTimeInterval(300) }
}
