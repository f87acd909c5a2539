// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// What became of an SSH session that was to end before its user left, or may have to.
package struct ReportedSession: RequestDocument, Equatable {
    package enum Outcome: String, Codable, Sendable, CaseIterable {
        case ended
        /// It did not go when it was asked to.
        case killed
        /// It should have ended, and still runs.
        case notEnded = "not-ended"
        /// Nothing proves by which certificate it was opened.
        case undetermined
        /// It was one of the two before, and is not there any more.
        case gone

        package var isOpen: Bool { self == .notEnded || self == .undetermined }
    }

    /// The host's own name for the session, the same in every report.
    package var id: String
    package var outcome: Outcome
    /// `revoked`, `expired`, or why its certificate is not known.
    package var reason: String
    /// `SHA256:…` of the CA key that signed the certificate that is the reason.
    package var issuer: String?
    package var serial: String?
    /// The account.
    package var login: String
    /// Where from.
    package var address: String?
    package var since: Date
    /// When it had ended, or was first found to be open although it should not be.
    package var at: Date
    /// An open one: when it ends, if its role says so and its certificate is known.
    package var lastsUntil: Date?

    package init(
        id: String, outcome: Outcome, reason: String, issuer: String?, serial: String?, login: String, address: String?,
        since: Date, at: Date, lastsUntil: Date?
    ) {
        (self.id, self.outcome, self.reason, self.issuer, self.serial) = (id, outcome, reason, issuer, serial)
        (self.login, self.address, self.since, self.at, self.lastsUntil) = (login, address, since, at, lastsUntil)
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id, outcome, reason, issuer, serial, login, address, since, at
        case lastsUntil = "lasts_until"
    }

    /// What one report holds of each sort at most; the rest follows in the next.
    package static let mostInReport = 64
}

package struct HostSessionSummary: Codable, Sendable, Equatable {
    package var host: String
    package var session: ReportedSession

    package init(host: String, session: ReportedSession) {
        (self.host, self.session) = (host, session)
    }
}

/// How far a revocation list for sshd has come, by what the hosts say.
package struct ListEnforcementSummary: Codable, Sendable, Equatable {
    package struct StaleHost: Codable, Sendable, Equatable {
        package var host: String
        /// Of the list it enforces; absent for none.
        package var version: UInt64?
        package var reportedAt: Date?

        package init(host: String, version: UInt64?, reportedAt: Date?) {
            (self.host, self.version, self.reportedAt) = (host, version, reportedAt)
        }

        enum CodingKeys: String, CodingKey {
            case host
            case version = "krl_version"
            case reportedAt = "reported_at"
        }
    }

    package var version: UInt64
    package var madeAt: Date
    /// SSH certificates that the list before did not name.
    package var certificates: Int
    package var hosts: Int
    package var enforcing: Int
    package var staleCount: Int
    /// The first hundred, by name.
    package var stale: [StaleHost]
    /// Hosts that look at open SSH sessions, and those of them that did by this list.
    package var watching: Int
    package var checked: Int
    /// Where a host is stale: when the last of the certificates ends by itself.
    package var exposedUntil: Date?

    package init(
        version: UInt64, madeAt: Date, certificates: Int, hosts: Int, enforcing: Int, staleCount: Int, stale: [StaleHost],
        watching: Int, checked: Int, exposedUntil: Date?
    ) {
        (self.version, self.madeAt, self.certificates) = (version, madeAt, certificates)
        (self.hosts, self.enforcing, self.staleCount, self.stale) = (hosts, enforcing, staleCount, stale)
        (self.watching, self.checked, self.exposedUntil) = (watching, checked, exposedUntil)
    }

    enum CodingKeys: String, CodingKey {
        case version, certificates, hosts, enforcing, stale, watching, checked
        case madeAt = "made_at"
        case staleCount = "stale_count"
        case exposedUntil = "exposed_until"
    }
}

package struct EnforcementReply: Codable, Sendable, Equatable {
    /// Newest first.
    package var lists: [ListEnforcementSummary]
    /// Of certificates that were revoked between two lists, and those of which nothing is proven; newest first.
    package var sessions: [HostSessionSummary]?

    package init(lists: [ListEnforcementSummary], sessions: [HostSessionSummary]?) {
        (self.lists, self.sessions) = (lists, sessions)
    }
}

package struct HostSessionList: Codable, Sendable {
    /// Newest first, at most 500.
    package var sessions: [HostSessionSummary]

    package init(sessions: [HostSessionSummary]) {
        self.sessions = sessions
    }
}
