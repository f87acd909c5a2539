// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Why somebody may not do this to a request.
package enum AccessRefusal: Error, Equatable {
    case ownRequest
    case notAnApprover
    case notTheRequester
    case notAReviewer
    case alreadyDecided
    case alreadyApproved
    /// The steps before are not done yet.
    case notYourTurn(waitingFor: String)
    /// An approval may take away, never add.
    case wider(String)
    /// It is over; what comes now changes nothing.
    case over(AccessStatus)
    /// It is over or in use, and so cannot be withdrawn.
    case notWithdrawable(AccessStatus)
    case notActive(AccessStatus)
    case nothingToReview
    /// Nobody reviews what they took themselves.
    case ownReview
}

/// What people may do now. Each question is asked again by the fold when the event comes.
extension AccessHistory {
    /// - Parameter steps: those the person may approve under the policy as it is.
    package func checkApproval(
        by person: Person, steps: Set<Int>, duration: Int?, host: String?, at now: Date
    ) throws(AccessRefusal) {
        guard person.user != request.requester.user else { throw .ownRequest }
        guard !steps.isEmpty else { throw .notAnApprover }
        let status = status(at: now)
        guard status.isOpen, status != .active else { throw .over(status) }
        guard !approvals.contains(where: { $0.by.user == person.user }) else { throw .alreadyDecided }
        guard status == .pending else { throw .alreadyApproved }
        let open = filledSteps
        guard steps.contains(where: { $0 <= open }) else {
            throw .notYourTurn(waitingFor: request.steps.dropFirst(open).first?.approvers ?? "")
        }
        if let duration {
            guard duration > 0, duration <= self.duration else { throw .wider("it is for \(self.duration) seconds") }
        }
        if let host, let own = self.host, host != own { throw .wider("it is for host `\(own)`") }
    }

    /// What a denial is now: before the quorum it ends the request, after it it takes the grant away.
    package func denial(by person: Person, mayTakeAway: Bool, at now: Date) throws(AccessRefusal) -> AccessEvent.What {
        guard person.user != request.requester.user else { throw .ownRequest }
        guard mayTakeAway else { throw .notAnApprover }
        switch status(at: now) {
        case .pending: return .denied
        case .scheduled, .approved, .active: return .revoked
        case let status: throw .over(status)
        }
    }

    package func checkCancellation(by person: Person, at now: Date) throws(AccessRefusal) {
        guard person.user == request.requester.user else { throw .notTheRequester }
        let status = status(at: now)
        guard status.isOpen, status != .active else { throw .notWithdrawable(status) }
    }

    package func checkEnd(by person: Person, at now: Date) throws(AccessRefusal) {
        guard person.user == request.requester.user else { throw .notTheRequester }
        let status = status(at: now)
        guard status == .active else { throw .notActive(status) }
    }

    package func checkReview(by person: Person, isReviewer: Bool) throws(AccessRefusal) {
        guard reviewDue != nil else { throw .nothingToReview }
        guard person.user != request.requester.user else { throw .ownReview }
        guard isReviewer else { throw .notAReviewer }
    }

    /// Of these steps, the number that are done by the approvals of those who count.
    package func filledSteps(of counts: [Int], counting steps: (Approval) -> Set<Int>) -> Int {
        Quorum.filledSteps(counts: counts, voters: approvals.map(steps))
    }
}
