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
    }

    /// Clocks differ by this much, in seconds.
    static let skew: Double = 60
    /// How old the answer to a login may be: it was made for us a moment ago.
    static let longestAge: Double = 600
    /// CI systems give their tokens minutes, Kubernetes an hour. What lives for days is no short-lived credential.
    static let longestLifetime: Double = 86_400

    func check(_ claims: [String: JSONValue], now: Date) throws(TokenError) -> VerifiedToken {
        guard let issuer = claims["iss"]?.string else { throw .claimMissing("iss") }
        guard issuer.utf8.elementsEqual(self.issuer.utf8) else { throw .otherIssuer }
        guard let subject = claims["sub"]?.string, !subject.isEmpty, subject.utf8.count <= 1024 else {
            throw .claimMissing("sub")
        }
        try checkAudience(claims)
        let (issued, expires) = try checkTimes(claims, now.timeIntervalSince1970)
        try checkPurpose(claims, issued: issued, expires: expires, now.timeIntervalSince1970)
        return VerifiedToken(subject: subject, claims: claims, expires: Date(timeIntervalSince1970: expires))
    }

    private func checkAudience(_ claims: [String: JSONValue]) throws(TokenError) {
        guard let claim = claims["aud"] else { throw .claimMissing("aud") }
        guard let audiences = claim.string.map({ [$0] }) ?? claim.strings else { throw .claimInvalid("aud") }
        guard audiences.contains(where: { $0.utf8.elementsEqual(audience.utf8) }) else { throw .otherAudience }
        switch purpose {
        case .workload:
            // Whoever else it is meant for could present it here.
            guard audiences.count == 1 else { throw .otherParty }
        case .login:
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
        switch purpose {
        case .login(let nonce):
            guard issued >= now - Self.longestAge else { throw .issuedTooLongAgo }
            guard let nonce else { return }
            guard let claim = claims["nonce"]?.string else { throw .claimMissing("nonce") }
            guard claim.utf8.elementsEqual(nonce.utf8) else { throw .otherNonce }
        case .workload:
            guard expires - issued <= Self.longestLifetime else { throw .lifetimeTooLong(limit: Int(Self.longestLifetime)) }
        }
    }
}
