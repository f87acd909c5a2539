// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// What a token of an issuer must say, once its signature is verified.
struct TokenRules: Sendable {
    let issuer: String
    /// Our `client_id`, or the audience that workloads must name.
    let audience: String
    let purpose: Purpose

    enum Purpose: Sendable, Equatable {
        /// The answer to a login of a person (OpenID Connect Core §3.1.3.7), fetched by ourselves from the token endpoint.
        /// - Parameter nonce: what was sent with the login; nil in the device flow, which has none.
        case login(nonce: String?)
        /// A token that a workload brings.
        case workload
        /// The provider says that a login is over (OpenID Connect Back-Channel Logout §2.6).
        case logout
    }

    /// Clocks differ by this much, in seconds.
    static let skew: Double = 60
    /// How old the answer to a login may be: it was made for us a moment ago.
    static let longestAge: Double = 600
    /// CI systems give their tokens minutes, Kubernetes an hour. What lives for days is no short-lived credential.
    static let longestLifetime: Double = 86_400
    /// Of `sub` and `sid`, in bytes.
    static let longestName = 1024

    private static let logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

    func check(_ claims: [String: JSONValue], now: Date) throws(TokenError) -> VerifiedToken {
        guard let issuer = claims["iss"]?.string else { throw .claimMissing("iss") }
        guard issuer.utf8.elementsEqual(self.issuer.utf8) else { throw .otherIssuer }
        let subject = try checkSubject(claims)
        try checkAudience(claims)
        let (issued, expires) = try checkTimes(claims, now.timeIntervalSince1970)
        try checkPurpose(claims, issued: issued, expires: expires, now.timeIntervalSince1970)
        return VerifiedToken(subject: subject, claims: claims, expires: Date(timeIntervalSince1970: expires))
    }

    /// - Returns: empty for a logout that names a session instead.
    private func checkSubject(_ claims: [String: JSONValue]) throws(TokenError) -> String {
        if case .logout = purpose, claims["sub"] == nil { return "" }
        guard let subject = claims["sub"]?.string, !subject.isEmpty, subject.utf8.count <= Self.longestName else {
            throw .claimMissing("sub")
        }
        return subject
    }

    private func checkAudience(_ claims: [String: JSONValue]) throws(TokenError) {
        guard let claim = claims["aud"] else { throw .claimMissing("aud") }
        guard let audiences = claim.string.map({ [$0] }) ?? claim.strings else { throw .claimInvalid("aud") }
        guard audiences.contains(where: { $0.utf8.elementsEqual(audience.utf8) }) else { throw .otherAudience }
        switch purpose {
        case .workload:
            // Whoever else it is meant for could present it here.
            guard audiences.count == 1 else { throw .otherParty }
        case .login, .logout:
            let party = claims["azp"].map { $0.string ?? "" }
            guard party != nil || audiences.count == 1 else { throw .otherParty }
            guard party?.utf8.elementsEqual(audience.utf8) != false else { throw .otherParty }
        }
    }

    private func checkTimes(
        _ claims: [String: JSONValue], _ now: Double
    ) throws(TokenError) -> (issued: Double, expires: Double) {
        func time(_ name: String) throws(TokenError) -> Double? {
            guard let claim = claims[name] else { return nil }
            guard let seconds = claim.seconds else { throw .claimInvalid(name) }
            return seconds
        }
        guard let expires = try time("exp") else { throw .claimMissing("exp") }
        guard let issued = try time("iat") else { throw .claimMissing("iat") }
        guard now < expires + Self.skew else { throw .expired }
        guard issued <= now + Self.skew else { throw .notYetValid }
        if let begins = try time("nbf"), begins > now + Self.skew { throw .notYetValid }
        return (issued, expires)
    }

    private func checkPurpose(
        _ claims: [String: JSONValue], issued: Double, expires: Double, _ now: Double
    ) throws(TokenError) {
        guard (purpose == .logout) == Self.isLogout(claims) else {
            throw purpose == .logout ? .claimMissing("events") : .otherType
        }
        switch purpose {
        case .logout:
            guard issued >= now - Self.longestAge else { throw .issuedTooLongAgo }
            // Without it, it could not be told from one that was used; with a nonce it would be an ID token.
            guard claims["jti"]?.string?.isEmpty == false else { throw .claimMissing("jti") }
            guard claims["nonce"] == nil else { throw .otherType }
            if let session = claims["sid"] {
                guard let text = session.string, (1...Self.longestName).contains(text.utf8.count) else {
                    throw .claimInvalid("sid")
                }
            } else if claims["sub"] == nil {
                throw .claimMissing("sid")
            }
        case .login(let nonce):
            guard issued >= now - Self.longestAge else { throw .issuedTooLongAgo }
            guard let nonce else { return }
            guard let claim = claims["nonce"]?.string else { throw .claimMissing("nonce") }
            guard claim.utf8.elementsEqual(nonce.utf8) else { throw .otherNonce }
        case .workload:
            guard expires - issued <= Self.longestLifetime else { throw .lifetimeTooLong(limit: Int(Self.longestLifetime)) }
        }
    }

    private static func isLogout(_ claims: [String: JSONValue]) -> Bool {
        guard case .object(let events) = claims["events"], case .object = events[logoutEvent] else { return false }
        return true
    }
}
