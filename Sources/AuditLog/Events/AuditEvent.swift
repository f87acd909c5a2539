// SPDX-License-Identifier: Apache-2.0

/// One entry of the audit log: what was asked, by whom, and what became of it. `docs/formats/audit-log.md` describes it.
///
/// Nothing secret belongs in it: no token, no private key, no body of a request.
package struct AuditEvent: Sendable, Hashable, Codable {
    package private(set) var version = Self.currentVersion
    package var time: AuditTime
    package var type: Kind
    /// Absent when the authority itself acts.
    package var actor: Actor?
    package var request: Request?
    /// Digest of the policy set that decided, or that was loaded.
    package var policy: String?
    package var policySource: PolicySource?
    package var decision: Decision?
    package var certificate: Certificate?
    package var key: Key?
    /// What happened to an access request or to the grant it became.
    package var access: Access?
    package var clock: Clock?
    /// For people: why a policy was refused, what was set up.
    package var message: String?

    static let currentVersion = 1

    package enum Kind: String, Sendable, Codable, CaseIterable {
        case authorityInitialized = "ca.initialized"
        case policyLoaded = "policy.loaded"
        case policyRefused = "policy.refused"
        case loginAllowed = "login.allowed"
        case loginDenied = "login.denied"
        case sessionEnded = "session.ended"
        case certificateIssued = "certificate.issued"
        case certificateDenied = "certificate.denied"
        case certificateRevoked = "certificate.revoked"
        case certificateReleased = "certificate.released"
        case keyUsed = "key.used"
        case accessRequested = "access.requested"
        case accessApproved = "access.approved"
        case accessDenied = "access.denied"
        case accessCancelled = "access.cancelled"
        case accessVoided = "access.voided"
        case accessClaimed = "access.claimed"
        case accessEnded = "access.ended"
        case accessRevoked = "access.revoked"
        case accessReviewed = "access.reviewed"
        case tokenCreated = "token.created"
        case tokenCancelled = "token.cancelled"
        case hostRemoved = "host.removed"
        case clockAccepted = "clock.accepted"
        /// By a host, as it says.
        case sshSessionEnded = "ssh-session.ended"
        /// A session that should have ended, or whose certificate nothing proves.
        case sshSessionOpen = "ssh-session.open"
        case keyPrepared = "key.prepared"
        case keyActivated = "key.activated"
        case keyRetired = "key.retired"
        case keyRevoked = "key.revoked"
    }

    enum CodingKeys: String, CodingKey {
        case access, time, type, actor, request, policy, decision, certificate, key, clock, message
        case policySource = "policy_source"
        case version = "v"
    }

    package init(
        time: AuditTime, type: Kind, actor: Actor? = nil, request: Request? = nil, policy: String? = nil,
        policySource: PolicySource? = nil, decision: Decision? = nil, certificate: Certificate? = nil, key: Key? = nil,
        access: Access? = nil, clock: Clock? = nil, message: String? = nil
    ) {
        self.time = time
        self.type = type
        self.actor = actor
        self.request = request
        self.policy = policy
        self.policySource = policySource
        self.decision = decision
        self.certificate = certificate
        self.key = key
        self.access = access
        self.clock = clock
        self.message = message
    }
}
