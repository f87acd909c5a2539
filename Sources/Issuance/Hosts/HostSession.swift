// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// An SSH session that a host ended before its user left, or that is open there and should not be, or may not.
package struct HostSession: Sendable, Equatable {
    package enum Outcome: String, Sendable, CaseIterable {
        case ended
        case killed
        case notEnded = "not-ended"
        case undetermined
        /// It was one of the two before, and the host does not name it any more.
        case gone

        package var isOpen: Bool { self == .notEnded || self == .undetermined }
    }

    package var host: String
    /// The host's own name for it.
    package var id: String
    package var outcome: Outcome
    package var reason: String
    /// nil where nothing proves which it was.
    package var certificate: CertificateReference?
    package var login: String
    package var address: String?
    package var since: Date
    package var at: Date
    package var lastsUntil: Date?

    package init(
        host: String, id: String, outcome: Outcome, reason: String, certificate: CertificateReference?, login: String,
        address: String?, since: Date, at: Date, lastsUntil: Date?
    ) {
        (self.host, self.id, self.outcome, self.reason, self.certificate) = (host, id, outcome, reason, certificate)
        (self.login, self.address, self.since, self.at, self.lastsUntil) = (login, address, since, at, lastsUntil)
    }
}

/// Which sessions: those for which all holds that is set.
package struct HostSessionFilter: Sendable {
    package var host: String?
    package var ids: [String]?
    /// Opened by one of the certificates of this grant.
    package var grant: String?
    /// Opened by a certificate that was revoked by these events of the log, or open without proof by which it was.
    package var revokedBy: Range<Int64>?
    package var onlyOpen = false
    package var limit: Int

    package init(limit: Int) {
        self.limit = limit
    }
}

/// A published revocation list: what it covers.
package struct ListVersion: Sendable, Equatable {
    package var number: UInt64
    /// The last event of the log that it covers.
    package var event: Int64
    package var madeAt: Date

    package init(number: UInt64, event: Int64, madeAt: Date) {
        (self.number, self.event, self.madeAt) = (number, event, madeAt)
    }

    /// How long it is remembered which list had what: longer than a host may be silent and come back.
    package static let retention: Double = 90 * 86_400  // seconds
}
