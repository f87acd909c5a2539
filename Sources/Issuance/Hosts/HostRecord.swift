// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// A host that enrolled, and what it said of itself last.
package struct HostRecord: Sendable, Equatable {
    /// The name in its certificate.
    package var name: String
    package var role: String
    /// Of the policy, when its certificate was issued.
    package var zones: [String]
    /// `SHA256:…` of the host key.
    package var publicKey: String
    package var enrolledAt: Date
    /// Id of the token it enrolled with.
    package var token: String
    /// Its newest certificate.
    package var certificate: CertificateReference
    package var validBefore: Date
    package var removedAt: Date?
    package var report: HostReport?
    /// SSH sessions it ended since it enrolled.
    package var endedSessions: Int
    /// SSH sessions that should not be open there, or may not.
    package var openSessions: Int

    package init(
        name: String, role: String, zones: [String], publicKey: String, enrolledAt: Date, token: String,
        certificate: CertificateReference, validBefore: Date, removedAt: Date? = nil, report: HostReport? = nil,
        endedSessions: Int = 0, openSessions: Int = 0
    ) {
        self.name = name
        self.role = role
        self.zones = zones
        self.publicKey = publicKey
        self.enrolledAt = enrolledAt
        self.token = token
        self.certificate = certificate
        self.validBefore = validBefore
        self.removedAt = removedAt
        self.report = report
        self.endedSessions = endedSessions
        self.openSessions = openSessions
    }
}

/// What a host does with what it was given, in its own words.
package struct HostReport: Sendable, Equatable {
    /// By the clock of the host, which was right within a few minutes.
    package var time: Date
    /// The certificate it reported with: the one that is installed there, which need not be the newest it was given.
    package var certificate: CertificateReference
    /// Of the revocation list that its sshd reads; nil when there is none.
    package var revocationListVersion: UInt64?
    /// `SHA256:…` of the user CA keys that its sshd trusts.
    package var userCAKeys: [String]
    package var zones: [String]
    package var clientVersion: String
    /// Of the list by which it looked at its open SSH sessions last; nil where nothing does.
    package var sessionsListVersion: UInt64?
    /// Why it is not up to date.
    package var problem: String?

    package init(
        time: Date, certificate: CertificateReference, revocationListVersion: UInt64?, userCAKeys: [String], zones: [String],
        clientVersion: String, sessionsListVersion: UInt64?, problem: String?
    ) {
        self.time = time
        self.certificate = certificate
        self.revocationListVersion = revocationListVersion
        self.userCAKeys = userCAKeys
        self.zones = zones
        self.clientVersion = clientVersion
        self.sessionsListVersion = sessionsListVersion
        self.problem = problem
    }
}

/// What a commit does to the list of hosts.
package enum HostChange: Sendable {
    case enrolled(HostRecord)
    case renewed(name: String, zones: [String], CertificateReference, validBefore: Date)
    case removed(name: String)
    case reported(name: String, publicKey: String, HostReport, [HostSession])
}
