// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Who holds what, who used it, and what a reviewer must look at: worked out from a policy set, the people a server knows and its
/// whole audit log. What the log cannot tell is said to be unknown, and nothing is called unused that might not be.
package struct AccessReview: Sendable, Encodable {
    package let scope: Scope
    package let counts: Counts
    /// By person, role and rule.
    package let rights: [Right]
    package let rules: [Rule]
    /// Break-glass of the period, oldest first.
    package let breakGlass: [Grant]
    /// Requests and grants that are not over.
    package let open: [Grant]
    /// People who in the period approved each other's requests.
    package let mutual: [Mutual]
    package let exceptions: [Exception]
    /// Used in the period and not held now.
    package let formerUses: [FormerUse]
    /// Sentences.
    package let undetermined: [String]

    private enum CodingKeys: String, CodingKey {
        case scope, counts, rights, rules, open, mutual, exceptions, undetermined
        case breakGlass = "break_glass"
        case formerUses = "former_uses"
    }

    /// What was looked at, and what makes that checkable.
    package struct Scope: Sendable, Encodable {
        package let authority: String
        package let reviewer: String
        package let reviewedAt: Date
        /// The period.
        package let from: Date
        /// Seconds.
        package let unusedFor: Int
        /// Seconds of the period that the log tells of.
        package let covered: Int
        package let policy: String
        package let policyLive: Date
        package let policyCommit: String?
        package let policySigner: String?
        /// Sets that went live in the period.
        package let policyChanges: Int
        package let log: Log

        private enum CodingKeys: String, CodingKey {
            case authority, reviewer, from, covered, policy, log
            case reviewedAt = "reviewed_at"
            case unusedFor = "unused_for"
            case policyLive = "policy_live_since"
            case policyCommit = "policy_commit"
            case policySigner = "policy_signer"
            case policyChanges = "policy_changes"
        }
    }

    /// The tree head over every entry that was read.
    package struct Log: Sendable, Encodable {
        package let origin: String
        package let size: UInt64
        /// Base64.
        package let root: String
        /// The signed note (C2SP tlog-checkpoint).
        package let checkpoint: String
        package var begins: Date?

        package init(origin: String, size: UInt64, root: String, checkpoint: String) {
            (self.origin, self.size, self.root, self.checkpoint) = (origin, size, root, checkpoint)
        }
    }

    package struct Counts: Sendable, Encodable {
        package var people = 0
        package var rights = 0
        package var used = 0
        package var unused = 0
        package var notLongEnough = 0
        package var notRecorded = 0
        package var liveCertificates = 0
        package var grantsOfPeriod = 0
        package var openGrants = 0
        package var breakGlass = 0
        package var reviewsOverdue = 0
        package var reviewsFlagged = 0
        /// Pairs of people.
        package var mutualApprovals = 0

        private enum CodingKeys: String, CodingKey {
            case people, rights, used, unused
            case notLongEnough = "not_long_enough"
            case notRecorded = "not_recorded"
            case liveCertificates = "live_certificates"
            case grantsOfPeriod = "grants_of_period"
            case openGrants = "open_grants"
            case breakGlass = "break_glass"
            case reviewsOverdue = "reviews_overdue"
            case reviewsFlagged = "reviews_flagged"
            case mutualApprovals = "mutual_approvals"
        }
    }

    package enum Status: String, Sendable, Encodable, CaseIterable {
        /// A certificate was issued by it in the period, or it was asked for; or something of it is still valid or open.
        case used
        /// It was held for the whole period, and nothing came of it.
        case unused
        /// Nothing came of it, but log or right may be younger than the period.
        case notLongEnough = "not-long-enough"
        /// The log does not tell whether it was used.
        case notRecorded = "not-recorded"
    }

    package struct Right: Sendable, Encodable {
        package let who: String
        package let provider: String
        package let role: String
        package let rule: String
        package let place: String
        package let gives: [String]
        package let through: [String]
        package let conditions: [String]
        package let approval: String?
        package let breakGlass: Bool
        package let unless: [String]
        package let status: Status
        package let lastUsed: Date?
        /// In the period.
        package let times: Int
        package let asked: Int
        package let grants: [String]
        package let live: Int

        private enum CodingKeys: String, CodingKey {
            case who, provider, role, rule, place, gives, through, conditions, approval, unless, status, times, asked, grants,
                live
            case breakGlass = "break_glass"
            case lastUsed = "last_used"
        }
    }

    package struct Rule: Sendable, Encodable {
        package let id: String
        package let place: String
        package let who: String
        package let roles: [String]
        /// People and workloads that are known to hold it.
        package let holders: Int
        /// Whom it means that nobody can list.
        package let openTo: String?
        /// In the period.
        package let users: Int
        package let times: Int
        package let lastUsed: Date?
        /// Roles it has given since the period began; none where that is not known.
        let rolesAtStart: Set<String>
        let capabilityRoles: Set<String>

        private enum CodingKeys: String, CodingKey {
            case id, place, who, roles, holders, users, times
            case openTo = "open_to"
            case lastUsed = "last_used"
        }
    }

    /// A request, and the grant it became.
    package struct Grant: Sendable, Encodable {
        package let id: String
        package let state: String
        package let who: String
        package let role: String
        package let rule: String
        package let host: String?
        package let reason: String?
        package let ticket: String?
        package let asked: Date
        package let approvedBy: [String]
        package let claimed: Date?
        package let until: Date?
        package let endedBy: String?
        package let reviewers: String?
        package let reviewDue: Date?
        package let isOverdue: Bool
        package let reviewedBy: String?
        package let reviewedAt: Date?
        package let verdict: String?
        package let note: String?

        private enum CodingKeys: String, CodingKey {
            case id, state, who, role, rule, host, reason, ticket, asked, claimed, until, reviewers, verdict, note
            case approvedBy = "approved_by"
            case endedBy = "ended_by"
            case reviewDue = "review_due"
            case isOverdue = "review_overdue"
            case reviewedBy = "reviewed_by"
            case reviewedAt = "reviewed_at"
        }
    }

    /// Two people of whom each approved what the other asked for, within 30 days.
    package struct Mutual: Sendable, Encodable {
        package let people: [String]
        /// Those of either.
        package let requests: [String]
    }

    package struct Exception: Sendable, Encodable {
        package let rule: String
        package let place: String
        package let roles: [String]
        /// What is unusual about it.
        package let what: String
    }

    package struct FormerUse: Sendable, Encodable {
        package let who: String
        package let role: String
        package let rule: String
        package let times: Int
        package let lastUsed: Date?

        private enum CodingKeys: String, CodingKey {
            case who, role, rule, times
            case lastUsed = "last_used"
        }
    }
}
