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
    package var reply: NewReply?
    package var usedChallenge: UsedChallenge?
    package var revocation: Revocation?
    package var endedSession: String?
    package var policy: PolicyRecord?
    /// Who outside is told of the act, and what: into the outbox with it, delivered after it.
    package var notifications: [Notice] = []
    /// Canonical bytes of the event and the time in it.
    package var leaf: [UInt8]
    package var time: Date

    package init(event: AuditEvent) throws {
        leaf = try event.canonicalBytes
        time = event.time.date
    }
}

package enum Precondition: Sendable {
    /// The session that asks has neither ended nor expired.
    case sessionIsActive(serial: String)
    /// The person behind the request may still act, as the identity provider has it now.
    case personIsStillKnown(@Sendable () -> Bool)
    case idempotencyKeyIsFree(IdempotencyKey, identity: String)
    case challengeIsUnused(nonce: String)
    case certificateIsNotRevoked(issuer: String, serial: String)
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
    case alreadyRevoked
    /// The clock stands more than a minute before the last event of the log: no expiry can be trusted.
    case clockWentBack(lastEvent: Date)
}

/// How far the clock may step back between two events before the store refuses: NTP corrections are smaller.
package let clockTolerance: Double = 60

package struct Revocation: Sendable {
    package var issuer: String
    package var serial: String
    package var time: Date
    package var reason: String

    package init(issuer: String, serial: String, time: Date, reason: String) {
        self.issuer = issuer
        self.serial = serial
        self.time = time
        self.reason = reason
    }
}

/// The nonce of a login challenge that was answered; kept until the challenge would have expired.
package struct UsedChallenge: Sendable {
    package var nonce: String
    package var expires: Date

    package init(nonce: String, expires: Date) {
        self.nonce = nonce
        self.expires = expires
    }
}
