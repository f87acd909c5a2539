// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Crypto
import FoundationEssentials
package import Policies
package import X509Certificates

/// What the service CA signs, and nothing else does: sessions, and the server's own certificate.
extension Authority {
    /// Opens a session for an identity that was just proven. The certificate leaves only after session, record, event and
    /// the used challenge are durable.
    /// - Parameters:
    ///   - kept: the identity as later calls will see it; nil where its provider is asked at each of them.
    ///   - login: by which its provider can end it.
    ///   - vouching: where the provider is asked again; nil where what it said at login counts until the end.
    ///   - lifetime: at most; the ceiling of sessions holds too.
    ///   - idempotencyKey: with it the same call gets the same session again, although it used up the challenge.
    /// - Throws: `CommitRefusal.challengeAlreadyUsed` when the challenge was answered before, `.loginEnded` when the provider
    ///   has said meanwhile that the login is over.
    package func openSession(
        for identity: Identity, keeping kept: SessionIdentity? = nil, login: ProviderSession? = nil,
        vouching: SessionVouching? = nil, csr: CertificateSigningRequest,
        consuming challenge: UsedChallenge, lifetime: Duration? = nil, requestID: String,
        idempotencyKey: IdempotencyKey? = nil, isStillKnown: @escaping @Sendable () -> Bool
    ) async throws -> (session: SessionRecord, certificate: String) {
        guard identity.user != nil || kept != nil else { throw AuthorityError.personNoLongerKnown }
        // As of a caller who shows the challenge itself, so that one key is for one call of theirs.
        let owner = "\(identity.provider)/\(challenge.nonce)"
        if let earlier = try await earlierSession(idempotencyKey, of: owner) { return earlier }
        let now = clock.wholeSeconds
        let name = kept?.name ?? (identity.mfa == .known(true) ? SessionIdentity.secondFactorName : nil)
        let issued = try await serviceCertificate(
            kind: .session, commonName: identity.user, names: try SubjectNames(uris: name.map { [$0] } ?? []),
            usage: [.client], publicKey: csr.publicKey, lifetime: min(lifetime ?? ceilings.session, ceilings.session),
            identity: identity, now: now)
        let session = SessionRecord(
            serial: issued.record.serial, provider: identity.provider, user: identity.user, identity: kept, login: login,
            certificateDigest: Array(SHA256.hash(data: issued.record.certificate)), createdAt: now,
            expiresAt: issued.record.validBefore,
            vouchedUntil: vouching.map { now.addingTimeInterval($0.interval + $0.grace) })
        let event = AuditEvent(
            time: AuditTime(clock.now), type: .loginAllowed, actor: .init(identity, session: session.serial),
            request: .init(id: requestID, publicKey: issued.record.publicKey), policy: policies.current.set.digest,
            decision: .init(result: .allow), certificate: .init(issued.record))
        var entry = try CommitEntry(event: event)
        if let idempotencyKey {
            // Before the challenge: of two equal calls the second is answered, not refused.
            entry.preconditions.append(.idempotencyKeyIsFree(idempotencyKey, identity: owner))
            entry.reply = NewReply(identity: owner, key: idempotencyKey, narrowed: [], expires: session.expiresAt)
        }
        entry.preconditions += [.challengeIsUnused(nonce: challenge.nonce), .personIsStillKnown(isStillKnown)]
        if let login { entry.preconditions.append(.loginIsNotEnded(login, provider: session.provider)) }
        entry.certificate = issued.record
        entry.session = session
        entry.refreshToken = try vouching.map { vouching in
            KeptRefreshToken(
                session: session.serial, provider: session.provider, sealed: try vouching.sealed(session.serial),
                dueAt: min(now.addingTimeInterval(vouching.interval), session.expiresAt), expiresAt: session.expiresAt)
        }
        entry.usedChallenge = challenge
        do {
            try await commit(entry)
        } catch CommitRefusal.idempotencyKeyTaken {
            guard let earlier = try await earlierSession(idempotencyKey, of: owner) else {
                throw CommitRefusal.idempotencyKeyTaken
            }
            return earlier
        }
        return (session, issued.pem)
    }

    /// What this idempotency key opened before.
    private func earlierSession(
        _ key: IdempotencyKey?, of owner: String
    ) async throws -> (session: SessionRecord, certificate: String)? {
        guard let certificate = try await earlierReply(to: key, of: owner)?.certificate else { return nil }
        guard let session = try await store.session(serial: certificate.serial), session.isActive(at: clock.now) else {
            throw AuthorityError.replyNoLongerValid(serial: certificate.serial)
        }
        return (session, PEM.certificate(certificate.certificate))
    }

    /// - Parameter counts: sentences, one for each address.
    package func recordFailedLogins(_ counts: [String]) async throws {
        let event = AuditEvent(
            time: AuditTime(clock.now), type: .loginDenied, decision: .init(result: .deny, reasons: counts),
            message: "logins that failed since the last such event")
        try await commit(try CommitEntry(event: event))
    }

    package func endSession(of caller: Caller) async throws {
        guard let session = caller.session else { throw AuthorityError.sessionEnded }
        let event = AuditEvent(
            time: AuditTime(clock.now), type: .sessionEnded, actor: .init(caller.identity, session: session),
            request: .init(id: caller.requestID))
        var entry = try CommitEntry(event: event)
        entry.preconditions = [.sessionIsActive(serial: session)]
        entry.endedSessions = [session]
        try await commit(entry)
    }

    /// A certificate for the server's own TLS key.
    package func serverCertificate(
        names: SubjectNames, publicKey: SubjectPublicKey, lifetime: Duration
    ) async throws -> (record: CertificateRecord, pem: String) {
        let now = clock.wholeSeconds
        let identity = Identity(provider: "server", groups: .known([]), claims: .known([:]), mfa: .known(false))
        let issued = try await serviceCertificate(
            kind: .server, commonName: nil, names: names, usage: [.server], publicKey: publicKey, lifetime: lifetime,
            identity: identity, now: now)
        try await recordOwn(issued.record)
        return issued
    }

    /// A certificate that the service gave itself; it may be used only after this.
    func recordOwn(_ record: CertificateRecord) async throws {
        let event = AuditEvent(
            time: AuditTime(clock.now), type: .certificateIssued, policy: policies.current.set.digest,
            decision: .init(result: .allow), certificate: .init(record))
        var entry = try CommitEntry(event: event)
        entry.certificate = record
        try await commit(entry)
    }

    private func serviceCertificate(
        kind: CertificateRecord.Kind, commonName: String?, names: SubjectNames, usage: Set<CertificateUsage>,
        publicKey: SubjectPublicKey, lifetime: Duration, identity: Identity, now: Date
    ) async throws -> (record: CertificateRecord, pem: String) {
        let authority = service.authority
        let remaining = try Limits.remainingLife(of: authority.certificate, at: now)
        let validity = Limits(lifetime: min(lifetime, remaining)).validity(at: now, under: authority.certificate)
        let profile = try CertificateProfile(
            serial: SerialNumber(randomBits: randomBytes(SerialNumber.byteCount)), notBefore: validity.after,
            notAfter: validity.before.addingTimeInterval(-1), commonName: commonName, names: names, usage: usage,
            publicKey: publicKey)
        let der = try await ApprovedIssuance(profile, by: authority).sign()
        let record = CertificateRecord(
            kind: kind, issuer: authority.issuer, serial: profile.serial.hexadecimal, provider: identity.provider,
            user: identity.user, role: "", rule: "", host: nil, names: profile.describedNames,
            publicKey: publicKey.fingerprint, validAfter: validity.after, validBefore: validity.before, issuedAt: now,
            policy: policies.current.set.digest, certificate: der)
        return (record, PEM.certificate(der))
    }
}
