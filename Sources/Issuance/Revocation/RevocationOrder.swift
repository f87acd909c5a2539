// SPDX-License-Identifier: Apache-2.0

import X509Certificates

package import struct FoundationEssentials.Date

/// What is to be revoked, and why.
package struct RevocationOrder: Sendable {
    package var selection: RevocationSelection
    package var cause: RevocationCause
    /// One line for the record.
    package var reason: String
    /// Says what would be hit, and changes nothing.
    package var isRehearsal: Bool

    package init(
        _ selection: RevocationSelection, cause: RevocationCause = .unspecified, reason: String, isRehearsal: Bool = false
    ) {
        self.selection = selection
        self.cause = cause
        self.reason = reason
        self.isRehearsal = isRehearsal
    }
}

/// Which certificates: those for which all holds that is set. What has expired is never among them, and neither is the
/// server's own certificate unless its serial is named.
package enum RevocationSelection: Sendable {
    /// - Parameter kind: needed where CAs of several kinds issued this serial.
    case serial(String, kind: CertificateRecord.Kind?)
    case matching(RevocationMatch)
}

package struct RevocationMatch: Sendable, Equatable {
    package var kind: CertificateRecord.Kind?
    package var user: String?
    package var host: String?
    package var role: String?
    package var rule: String?
    /// The digest of the policy set it was issued under.
    package var policy: String?
    /// Id of the token that it came of. From then on no certificate of that enrolment is renewed.
    package var enrolment: String?
    package var issuedFrom: Date?
    package var issuedBefore: Date?

    package init() {}

    /// Whether everything that was ever issued is meant, which nobody may say by leaving out a word.
    package var isEverything: Bool { self == RevocationMatch() }

    func filter(revocableAt time: Date, limit: Int) -> CertificateFilter {
        var filter = CertificateFilter(limit: limit)
        filter.kind = kind
        filter.user = user
        filter.host = host
        filter.role = role
        filter.rule = rule
        filter.policy = policy
        filter.enrolment = enrolment
        filter.issuedFrom = issuedFrom
        filter.issuedBefore = issuedBefore
        filter.revocableAt = time
        return filter
    }
}

/// What was revoked, or would be.
package struct RevocationOutcome: Sendable {
    package private(set) var count = 0
    /// How many of them nobody will ask about: they say so themselves (RFC 9608).
    package private(set) var notEnforceable = 0
    /// The first of them, at most `mostListed`.
    package private(set) var certificates: [CertificateRecord] = []
    /// When the last of them would have expired: what does not learn of the revocation accepts it until then.
    package private(set) var lastExpiry: Date?
    /// The last event of the log that the key revocation list has to cover; nil where it names none of them.
    package private(set) var lastListedEvent: Int64?

    package static let mostListed = 1000

    /// - Parameter event: the leaf of the log; nil in a rehearsal.
    mutating func add(_ record: CertificateRecord, event: UInt64?) {
        count += 1
        if record.kind == .x509, X509Certificate.saysNoRevocation(record.certificate) { notEnforceable += 1 }
        if certificates.count < Self.mostListed { certificates.append(record) }
        if let event, record.kind == .ssh || record.kind == .sshHost {
            lastListedEvent = max(lastListedEvent ?? -1, Int64(event))
        }
        // A session ends here, whoever learns of it.
        if record.kind != .session { lastExpiry = max(lastExpiry ?? record.validBefore, record.validBefore) }
    }
}
