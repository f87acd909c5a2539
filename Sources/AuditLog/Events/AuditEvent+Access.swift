// SPDX-License-Identifier: Apache-2.0

extension AuditEvent {
    /// What an event says of an access request. The leaf of `access.requested` is the document that approvers agree to: its
    /// id is made of the leaf's digest, and so does not stand in it.
    package struct Access: Sendable, Hashable, Codable {
        /// The id of the request and of the grant it becomes. Absent in `access.requested`.
        package var request: String?
        /// Whose approval it needs, one entry for each step, for people.
        package var approvers: [String]?
        /// How many people each step needs.
        package var counts: [Int]?
        /// The rule that approves by itself: of the request where it does, and of the approval that it was.
        package var rule: String?
        /// What approvals must be signed with.
        package var signed: String?
        /// What becomes of the grant in use when an approval counts no longer, where it does not just go on.
        package var recheck: String?
        /// Break-glass: who must look at it afterwards, and within how many seconds after it was claimed.
        package var reviewers: String?
        package var reviewWithin: Int?
        /// Seconds that it may wait for its approvals.
        package var wait: Int?
        /// Seconds after the approval in which it must be claimed.
        package var claimWithin: Int?
        /// Seconds that certificates may be taken for: as asked, or as an approver shortened it.
        package var duration: Int?
        /// Not before.
        package var starts: AuditTime?
        /// The grant it goes on from.
        package var extends: String?
        /// Of an extension: when the first grant of those it goes on from was claimed.
        package var since: AuditTime?
        /// What it gives: sorted.
        package var rights: [String]?
        /// What binds it: sorted.
        package var restrictions: [String]?
        /// The one host that an approver narrowed it to.
        package var host: String?
        /// Which steps the approver could approve then, from 0.
        package var steps: [Int]?
        /// SSHSIG of the approver over digest and limits.
        package var signature: String?
        /// Whose approvals no longer count, or not for all that they counted for: sorted.
        package var lost: [String]?
        /// For each of those, the steps that their approval still counts for; absent where there are none.
        package var left: [[Int]]?
        /// First second after the grant; of an extension that is asked, after which none of them gives anything.
        package var until: AuditTime?
        /// `fine` or `flagged`, of a review.
        package var verdict: String?
        /// Why, in the words of whoever did it.
        package var note: String?

        package init(request: String? = nil, note: String? = nil) {
            self.request = request
            self.note = note
        }

        enum CodingKeys: String, CodingKey {
            case request, approvers, counts, rule, signed, recheck, reviewers, wait, duration, starts, extends, since, rights
            case restrictions
            case host, steps, signature, lost, left, until, verdict, note
            case reviewWithin = "review_within"
            case claimWithin = "claim_within"
        }
    }
}

extension AuditEvent.Access: CanonicalJSON {
    func write(to json: inout CanonicalJSONWriter) {
        json.object {
            $0.member("approvers", approvers)
            $0.member("claim_within", claimWithin)
            $0.member("counts", counts)
            $0.member("duration", duration)
            $0.member("extends", extends)
            $0.member("host", host)
            $0.member("left", left)
            $0.member("lost", lost)
            $0.member("note", note)
            $0.member("recheck", recheck)
            $0.member("request", request)
            $0.member("restrictions", restrictions)
            $0.member("review_within", reviewWithin)
            $0.member("reviewers", reviewers)
            $0.member("rights", rights)
            $0.member("rule", rule)
            $0.member("signature", signature)
            $0.member("signed", signed)
            $0.member("since", since)
            $0.member("starts", starts)
            $0.member("steps", steps)
            $0.member("until", until)
            $0.member("verdict", verdict)
            $0.member("wait", wait)
        }
    }
}
