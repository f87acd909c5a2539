// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// That the holder of a host key asks, now and for this: what every request of a host carries.
package struct HostSignature: Codable, Sendable, Equatable {
    /// Whole seconds since 1970-01-01T00:00:00Z, by the clock of the host.
    package var time: Int64
    /// 16 random bytes, hexadecimal: each request is taken once.
    package var nonce: String
    /// Armored SSHSIG over `HostMessage.bytes`.
    package var signature: String

    package init(time: Int64, nonce: String, signature: String) {
        self.time = time
        self.nonce = nonce
        self.signature = signature
    }
}

/// Trades a token for the first certificate of a host key.
package struct HostEnrolmentRequest: RequestDocument {
    package var token: String
    package var role: String
    package var host: String
    /// One line as in `ssh_host_ed25519_key.pub`.
    package var publicKey: String
    package var proof: HostSignature

    package init(token: String, role: String, host: String, publicKey: String, proof: HostSignature) {
        self.token = token
        self.role = role
        self.host = host
        self.publicKey = publicKey
        self.proof = proof
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case token, role, host, proof
        case publicKey = "public_key"
    }
}

/// Trades a certificate of a host key for a newer one.
package struct HostRenewalRequest: RequestDocument {
    /// The line of a `-cert.pub` file.
    package var certificate: String
    package var proof: HostSignature

    package init(certificate: String, proof: HostSignature) {
        self.certificate = certificate
        self.proof = proof
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case certificate, proof
    }
}

package struct HostCertificateReply: Codable, Sendable {
    package var issued: IssuedCertificate
    /// Those of the policy that this host is in.
    package var zones: [String]

    package init(issued: IssuedCertificate, zones: [String]) {
        self.issued = issued
        self.zones = zones
    }
}

package struct HostReportRequest: RequestDocument {
    package var certificate: String
    /// A `HostReportDocument` as text: the very bytes that were signed.
    package var report: String
    package var proof: HostSignature

    package init(certificate: String, report: String, proof: HostSignature) {
        self.certificate = certificate
        self.report = report
        self.proof = proof
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case certificate, report, proof
    }
}

/// What a host does with what it was given.
package struct HostReportDocument: RequestDocument, Equatable {
    /// Of the revocation list that sshd reads there.
    package var revocationListVersion: UInt64?
    /// `SHA256:…` of the user CA keys that sshd trusts there.
    package var userCAKeys: [String]
    package var zones: [String]
    package var clientVersion: String
    /// Of the revocation list by which it looked at its open sessions last; absent where nothing does.
    package var sessionsListVersion: UInt64?
    /// Sessions it ended and has not told of yet.
    package var endedSessions: [ReportedSession]?
    /// Sessions that are open now and should not be, or may not.
    package var openSessions: [ReportedSession]?
    /// Why the host is not up to date.
    package var problem: String?

    package init(
        revocationListVersion: UInt64?, userCAKeys: [String], zones: [String], clientVersion: String,
        sessionsListVersion: UInt64? = nil, endedSessions: [ReportedSession]? = nil, openSessions: [ReportedSession]? = nil,
        problem: String? = nil
    ) {
        self.revocationListVersion = revocationListVersion
        self.userCAKeys = userCAKeys
        self.zones = zones
        self.clientVersion = clientVersion
        self.sessionsListVersion = sessionsListVersion
        self.endedSessions = endedSessions
        self.openSessions = openSessions
        self.problem = problem
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case zones, problem
        case revocationListVersion = "krl_version"
        case userCAKeys = "user_ca_keys"
        case clientVersion = "client_version"
        case sessionsListVersion = "sessions_krl_version"
        case endedSessions = "ended_sessions"
        case openSessions = "open_sessions"
    }
}

/// One line of the list of hosts.
package struct HostSummary: Codable, Sendable {
    package var name: String
    package var role: String
    /// Of the policy.
    package var zones: [String]
    /// `SHA256:…` of the host key.
    package var publicKey: String
    package var enrolledAt: Date
    /// Of the newest certificate it was given.
    package var certificateSerial: String
    /// `SHA256:…` of the host CA key that signed it.
    package var certificateIssuer: String
    package var certificateValidBefore: Date
    package var removedAt: Date?
    package var reportedAt: Date?
    /// `SHA256:…` of the host CA key that signed the certificate it reported with: the one that is installed there.
    package var reportedIssuer: String?
    /// Without the sessions in it, which are counted below.
    package var report: HostReportDocument?
    /// SSH sessions it ended since it enrolled.
    package var endedSessions: Int
    /// SSH sessions that should not be open there, or may not.
    package var openSessions: Int

    package init(
        name: String, role: String, zones: [String], publicKey: String, enrolledAt: Date, certificateSerial: String,
        certificateIssuer: String, certificateValidBefore: Date, removedAt: Date?, reportedAt: Date?, reportedIssuer: String?,
        report: HostReportDocument?, endedSessions: Int = 0, openSessions: Int = 0
    ) {
        self.name = name
        self.role = role
        self.zones = zones
        self.publicKey = publicKey
        self.enrolledAt = enrolledAt
        self.certificateSerial = certificateSerial
        self.certificateIssuer = certificateIssuer
        self.certificateValidBefore = certificateValidBefore
        self.removedAt = removedAt
        self.reportedAt = reportedAt
        self.reportedIssuer = reportedIssuer
        self.report = report
        self.endedSessions = endedSessions
        self.openSessions = openSessions
    }

    enum CodingKeys: String, CodingKey {
        case name, role, zones, report
        case endedSessions = "ended_sessions"
        case openSessions = "open_sessions"
        case publicKey = "public_key"
        case enrolledAt = "enrolled_at"
        case certificateSerial = "certificate_serial"
        case certificateIssuer = "certificate_issuer"
        case certificateValidBefore = "certificate_valid_before"
        case removedAt = "removed_at"
        case reportedAt = "reported_at"
        case reportedIssuer = "reported_issuer"
    }
}

/// A page of the hosts, by name. `next` is the `after` of the following page.
package struct HostList: Codable, Sendable {
    package var hosts: [HostSummary]
    package var next: String?

    package init(hosts: [HostSummary], next: String?) {
        self.hosts = hosts
        self.next = next
    }
}

package struct HostRemovalRequest: RequestDocument {
    package var host: String
    package var reason: String

    package init(host: String, reason: String) {
        self.host = host
        self.reason = reason
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case host, reason
    }
}
