// SPDX-License-Identifier: Apache-2.0

package import AuditLog
import Crypto

package import struct FoundationEssentials.Date

/// What somebody asks others to agree to. It never changes: the leaf of the audit log in which it was asked is the document
/// that approvers sign, and its id is made of that leaf's digest.
package struct AccessRequest: Sendable, Hashable {
    /// 12 characters of `a-z2-7`: of the grant too that it becomes.
    package let id: String
    /// `sha256:` and hexadecimal digits over the document.
    package let digest: String
    package let requester: Person
    package let requestedAt: Date
    package let role: String
    /// The allow rule that asked for the approval, in the policy set `policy`.
    package let rule: String
    package let policy: String
    package let kind: AuditEvent.CertificateKind
    /// nil: every host that the role reaches.
    package let host: String?
    package let logins: [String]?
    /// X.509 names with their type; nil: those of the role.
    package let names: [String]?
    package let reason: String?
    package let ticket: String?
    package let steps: [Step]
    /// What approvals must be signed with, in the words of the policy.
    package let signed: String?
    /// Once it is in use it ends with the approvals that it rests on.
    package let isRechecked: Bool
    package let review: Review?
    /// The rule itself approves it; nobody is asked.
    package let isAutomatic: Bool
    /// Seconds.
    package let wait: Int
    package let claimWithin: Int
    package let duration: Int
    package let starts: Date?
    /// The grant it goes on from.
    package let extends: String?
    /// Of an extension: when the first grant of those it goes on from was claimed, and the first second in which nothing is
    /// given any more, however often it is extended.
    package let since: Date?
    package let latest: Date?
    package let rights: [String]
    package let restrictions: [String]

    package struct Step: Sendable, Hashable {
        /// For people; also what tells whether a rule still asks for the same.
        package let approvers: String
        package let count: Int

        package init(approvers: String, count: Int) {
            self.approvers = approvers
            self.count = count
        }
    }

    /// Break-glass: who looks at it afterwards, and how many seconds after it was claimed at the latest.
    package struct Review: Sendable, Hashable {
        package let reviewers: String
        package let within: Int
    }

    /// - Parameter document: the leaf of `access.requested`.
    package init(document: [UInt8]) throws(AccessEventError) {
        let event: AuditEvent
        do { event = try AuditEvent(canonical: document) } catch { throw .notAnAccessEvent }
        guard event.type == .accessRequested, let access = event.access, let actor = event.actor, let user = actor.user,
            let asked = event.request, let role = asked.role, let kind = asked.kind, let rule = event.decision?.rule,
            let policy = event.policy, let wait = access.wait, let claimWithin = access.claimWithin,
            let duration = access.duration
        else { throw .incomplete }
        let approvers = access.approvers ?? []
        let counts = access.counts ?? []
        isAutomatic = access.rule != nil
        guard access.rule == nil || access.rule == rule && approvers.isEmpty && access.reviewers == nil else {
            throw .incomplete
        }
        guard approvers.count == counts.count, counts.allSatisfy({ $0 > 0 }),
            [wait, claimWithin, duration].allSatisfy({ $0 >= 0 })
        else { throw .incomplete }
        let digest = SHA256.hash(data: document)
        id = Self.id(digest)
        self.digest = "sha256:" + digest.map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }.joined()
        requester = Person(provider: actor.provider, user: user)
        requestedAt = event.time.date
        (self.role, self.rule, self.policy, self.kind) = (role, rule, policy, kind)
        (host, logins, names) = (asked.host, asked.logins, asked.names)
        (reason, ticket) = (asked.reason, asked.ticket)
        steps = zip(approvers, counts).map { Step(approvers: $0, count: $1) }
        signed = access.signed
        guard access.recheck == nil || access.recheck == "revoke" else { throw .incomplete }
        isRechecked = access.recheck != nil
        review = access.reviewers.flatMap { reviewers in
            access.reviewWithin.map { Review(reviewers: reviewers, within: $0) }
        }
        (self.wait, self.claimWithin, self.duration) = (wait, claimWithin, duration)
        starts = access.starts?.date
        extends = access.extends
        guard (access.since == nil) == (access.until == nil), access.since == nil || access.extends != nil else {
            throw .incomplete
        }
        (since, latest) = (access.since?.date, access.until?.date)
        (rights, restrictions) = (access.rights ?? [], access.restrictions ?? [])
    }

    package static func isID(_ text: String) -> Bool {
        text.utf8.count == idCharacters && text.utf8.allSatisfy(alphabet.contains)
    }

    private static let idCharacters = 12
    /// RFC 4648 §6, in small letters.
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// The first 60 bits: two requests meet in them only by somebody's long work, which gains nothing, for approvals are
    /// over the whole digest.
    private static func id(_ digest: SHA256.Digest) -> String {
        let bits = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 4
        let letters = (0..<idCharacters).map { place in
            alphabet[Int(bits >> UInt64(5 * (idCharacters - 1 - place)) & 31)]
        }
        return String(decoding: letters, as: UTF8.self)
    }
}

package enum AccessEventError: Error, Equatable {
    case notAnAccessEvent
    /// A member is missing that this version writes.
    case incomplete
    /// The first leaf is no request, or another one is of another request.
    case notOneRequest
}
