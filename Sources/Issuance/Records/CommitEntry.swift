// SPDX-License-Identifier: Apache-2.0

package import AuditLog
package import Notifications

package import struct FoundationEssentials.Date

/// One act and its event: both become durable, or neither.
package struct CommitEntry: Sendable {
    /// Checked again inside the transaction, in this order: what changed since the decision wins.
    package var preconditions: [Precondition] = []
    package var certificate: CertificateRecord?
    package var session: SessionRecord?
    /// Of that session.
    package var refreshToken: KeptRefreshToken?
    package var reply: NewReply?
    package var usedChallenge: UsedChallenge?
    /// Certificates that the act revokes.
    package var revocations: [Revocation] = []
    /// The end of a hold.
    package var release: Release?
    package var endedSessions: [String] = []
    package var policy: PolicyRecord?
    /// What the act adds to access requests.
    package var access: [AccessChange] = []
    package var newToken: EnrolmentToken?
    /// Digest of a token that is forgotten.
    package var cancelledToken: [UInt8]?
    package var usedToken: UsedToken?
    package var hostChange: HostChange?
    /// Who outside is told of the act, and what: into the outbox with it, delivered after it.
    package var notifications: [Notice] = []
    /// The time of the last event, which is to count no longer: the clock behind it was wrong. All sessions end with it.
    package var acceptedClock: Date?
    /// CA keys in their new states.
    package var caKeys: [CAKeyRecord] = []
    /// Canonical bytes of the event and the time in it.
    package var leaf: [UInt8]
    /// Of the further events of the same act, in the order in which they come after it.
    package var moreLeaves: [[UInt8]] = []
    package var time: Date
    /// What the policy decided, where the act is the end of a decision.
    let decisions: [AuditEvent.Decision.Result]

    /// What else has a decision is a login, which no policy decides.
    private static let ofPolicy: Set<AuditEvent.Kind> = [.certificateIssued, .certificateDenied, .accessRequested]

    var changesRevocations: Bool { !revocations.isEmpty || release != nil }

    package init(event: AuditEvent) throws { try self.init(events: [event]) }

    /// One act of several events; at least one.
    package init(events: [AuditEvent]) throws {
        guard let first = events.first else { throw AuditEventError.notAnEvent }
        leaf = try first.canonicalBytes
        moreLeaves = try events.dropFirst().map { try $0.canonicalBytes }
        time = first.time.date
        decisions = events.filter { Self.ofPolicy.contains($0.type) }.compactMap(\.decision?.result)
    }
}

package enum Precondition: Sendable {
    /// The session that asks has neither ended nor expired.
    case sessionIsActive(serial: String)
    /// Nobody has ended the session, whether or not it counts.
    case sessionIsNotEnded(serial: String)
    /// The person behind the request may still act, as the identity provider has it now.
    case personIsStillKnown(@Sendable () -> Bool)
    case idempotencyKeyIsFree(IdempotencyKey, identity: String)
    case challengeIsUnused(nonce: String)
    /// The provider has not said that the login is over.
    case loginIsNotEnded(ProviderSession, provider: String)
    /// - Parameter orOnlyHeld: a hold may become a revocation.
    case certificateIsNotRevoked(issuer: String, serial: String, orOnlyHeld: Bool)
    case certificateIsHeld(issuer: String, serial: String)
    /// The access request has so many events (0: there is none yet), and where it matters so many certificates.
    case accessIsAt(id: String, version: Int, issued: Int?)
    /// It has neither expired nor been used.
    case tokenIsUsable(digest: [UInt8])
    /// No other key has this name.
    /// - Parameter orAny: whether that does not matter.
    case hostNameIsFree(String, orOf: String, orAny: Bool)
    case hostIsEnrolled(String, publicKey: String)
    /// No certificate that came of that token is revoked, not even held.
    case enrolmentIsOpen(String)
    /// The newest certificate that came of that token is for one of these keys.
    case enrolmentKeyIsAmong(String, [String])
    /// It has not reported later than this.
    case hostSaidNothingNewer(String, than: Date)
    /// None of these is on record with the same outcome.
    case hostSessionsAreNews([HostSession])
    /// The CA key that signed a certificate still may.
    case caKeyIsActive(String)
    /// No key of that purpose changed its state.
    case caKeysAre(CAKeyPurpose, [CAKeyRecord])
}

package enum CommitOutcome: Sendable, Equatable {
    /// Durable; the number of its leaf in the log.
    case committed(index: UInt64)
    case refused(CommitRefusal)

    package var isCommitted: Bool {
        if case .committed = self { true } else { false }
    }
}

package enum CommitRefusal: Error, Sendable, Equatable {
    case sessionEnded
    case personNoLongerKnown
    case idempotencyKeyTaken
    case challengeAlreadyUsed
    case loginEnded
    case alreadyRevoked
    case notHeld
    /// Something happened to the access request since it was looked at.
    case accessChanged
    case tokenNotUsable
    case hostNameTaken
    case hostNotEnrolled
    case enrolmentEnded
    case enrolmentKeyReplaced
    /// What a host reports is on record, or it has said something newer.
    case hostReportOutdated
    case caKeyNotActive
    case caKeysChanged
    /// The clock stands more than a minute before the last event of the log: no expiry can be trusted.
    case clockWentBack(lastEvent: Date)
}

/// How far the clock may step back between two events before the store refuses, and how far those of others may be from it:
/// NTP corrections are smaller. Seconds.
package let clockTolerance: Double = 60

/// The nonce of a login challenge that was answered; kept until the challenge would have expired.
package struct UsedChallenge: Sendable {
    package var nonce: String
    package var expires: Date

    package init(nonce: String, expires: Date) {
        self.nonce = nonce
        self.expires = expires
    }
}
