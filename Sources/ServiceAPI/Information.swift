// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// The public keys and certificates of this authority.
package struct Authorities: Codable, Sendable {
    package var name: String
    /// `TrustedUserCAKeys` lines of sshd: first the key that signs, then what else is to be trusted.
    package var sshUserCA: String
    /// The keys of `@cert-authority` lines in known_hosts, one a line: first the one that signs.
    package var sshHostCA: String
    /// PEM.
    package var root: String
    package var issuing: String
    package var service: String
    /// C2SP verifier key of the audit log's checkpoints.
    package var log: String

    package init(
        name: String, sshUserCA: String, sshHostCA: String, root: String, issuing: String, service: String, log: String
    ) {
        self.name = name
        self.sshUserCA = sshUserCA
        self.sshHostCA = sshHostCA
        self.root = root
        self.issuing = issuing
        self.service = service
        self.log = log
    }

    enum CodingKeys: String, CodingKey {
        case name, root, issuing, service, log
        case sshUserCA = "ssh_user_ca"
        case sshHostCA = "ssh_host_ca"
    }
}

package struct RoleSummary: Codable, Sendable {
    package var name: String
    package var description: String
    /// What the role gives: `ssh`, `ssh-host`, `x509`, `capabilities`.
    package var gives: [String]
    /// Seconds; absent for a role of capabilities alone.
    package var maximumLifetime: Int?

    package init(name: String, description: String, gives: [String], maximumLifetime: Int?) {
        self.name = name
        self.description = description
        self.gives = gives
        self.maximumLifetime = maximumLifetime
    }

    enum CodingKeys: String, CodingKey {
        case name, description, gives
        case maximumLifetime = "maximum_lifetime"
    }
}

package struct RoleList: Codable, Sendable {
    package var roles: [RoleSummary]

    package init(roles: [RoleSummary]) {
        self.roles = roles
    }
}

package struct ServiceStatus: Codable, Sendable {
    package var name: String
    package var time: Date
    package var policyDigest: String
    package var policyLoadedAt: Date
    package var policyRules: Int
    /// Why the newest policy files are not live, when they are not.
    package var policyProblem: String?
    /// When files were last refused since the server started, even where that is mended.
    package var policyRefusedAt: Date?
    /// The commit the policies were read from and who signed it, where they are kept in signed commits.
    package var policyCommit: String?
    package var policySigner: String?
    package var logSize: UInt64
    package var activeCertificates: Int
    package var serverCertificateExpiresAt: Date
    package var providers: [ProviderStatus]

    package init(
        name: String, time: Date, policyDigest: String, policyLoadedAt: Date, policyRules: Int, policyProblem: String?,
        policyRefusedAt: Date?, policyCommit: String?, policySigner: String?, logSize: UInt64, activeCertificates: Int,
        serverCertificateExpiresAt: Date, providers: [ProviderStatus]
    ) {
        self.name = name
        self.time = time
        self.policyDigest = policyDigest
        self.policyLoadedAt = policyLoadedAt
        self.policyRules = policyRules
        self.policyProblem = policyProblem
        self.policyRefusedAt = policyRefusedAt
        self.policyCommit = policyCommit
        self.policySigner = policySigner
        self.logSize = logSize
        self.activeCertificates = activeCertificates
        self.serverCertificateExpiresAt = serverCertificateExpiresAt
        self.providers = providers
    }

    enum CodingKeys: String, CodingKey {
        case name, time, providers
        case policyDigest = "policy_digest"
        case policyLoadedAt = "policy_loaded_at"
        case policyRules = "policy_rules"
        case policyProblem = "policy_problem"
        case policyRefusedAt = "policy_refused_at"
        case policyCommit = "policy_commit"
        case policySigner = "policy_signer"
        case logSize = "log_size"
        case activeCertificates = "active_certificates"
        case serverCertificateExpiresAt = "server_certificate_expires_at"
    }
}

/// How an identity provider was when the server asked it last.
package struct ProviderStatus: Codable, Sendable {
    package var name: String
    /// What is wrong, and since when; neither where it is well.
    package var problem: String?
    package var problemSince: Date?

    package init(name: String, problem: String?, problemSince: Date?) {
        (self.name, self.problem, self.problemSince) = (name, problem, problemSince)
    }

    enum CodingKeys: String, CodingKey {
        case name, problem
        case problemSince = "problem_since"
    }
}

/// Somebody of the user file.
package struct PersonSummary: Codable, Sendable {
    package var provider: String
    package var user: String
    package var login: String?
    /// As the user file has them; what the policies add is theirs.
    package var groups: [String]

    package init(provider: String, user: String, login: String?, groups: [String]) {
        (self.provider, self.user, self.login, self.groups) = (provider, user, login, groups)
    }
}

/// A page of the people whom the server knows before they come, by name. `next` is the `after` of the following page.
package struct PersonList: Codable, Sendable {
    package var people: [PersonSummary]
    package var next: String?

    package init(people: [PersonSummary], next: String?) {
        (self.people, self.next) = (people, next)
    }
}

/// Reads the policies again.
package struct PolicyReloadRequest: RequestDocument {
    /// Also a commit that does not come after the one that is live.
    package var allowOlder: Bool?

    package init(allowOlder: Bool?) {
        self.allowOlder = allowOlder
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case allowOlder = "allow_older"
    }
}

/// Consecutive leaves of the audit log, each the exact bytes that were hashed (canonical JSON, UTF-8).
package struct AuditPage: Codable, Sendable {
    package var from: UInt64
    package var leaves: [String]
    /// The size of the log when this page was read.
    package var size: UInt64

    package init(from: UInt64, leaves: [String], size: UInt64) {
        self.from = from
        self.leaves = leaves
        self.size = size
    }
}

/// A signed checkpoint (C2SP tlog-checkpoint).
package struct AuditCheckpoint: Codable, Sendable {
    package var checkpoint: String

    package init(checkpoint: String) {
        self.checkpoint = checkpoint
    }
}

/// RFC 6962 §2.1.2: base64 hashes.
package struct AuditConsistency: Codable, Sendable {
    package var from: UInt64
    package var to: UInt64
    package var proof: [String]

    package init(from: UInt64, to: UInt64, proof: [String]) {
        self.from = from
        self.to = to
        self.proof = proof
    }
}
