// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Testing

@testable import AccessRequests

/// What people are told they may do, before anything is written.
@Suite struct DecisionTests {
    private func check(
        _ history: AccessHistory, _ name: String, _ steps: Set<Int> = [0], duration: Int? = nil, host: String? = nil,
        at seconds: Double = 100
    ) throws(AccessRefusal) {
        try history.checkApproval(
            by: Sample.person(name), steps: steps, duration: duration, host: host, at: Sample.start + seconds)
    }

    @Test func `an approval is refused for what is wrong with it`() throws {
        let history = try Sample.history()
        #expect(throws: AccessRefusal.ownRequest) { try check(history, "ana") }
        #expect(throws: AccessRefusal.notAnApprover) { try check(history, "bea", []) }
        #expect(throws: AccessRefusal.notYourTurn(waitingFor: "1 of group `g`")) { try check(history, "bea", [1]) }
        #expect(throws: AccessRefusal.wider("it is for 3600 seconds")) { try check(history, "lea", duration: 3601) }
        #expect(throws: AccessRefusal.over(.expired)) { try check(history, "lea", at: 1800) }
        let once = history.applying(Sample.approval("lea"))
        #expect(throws: AccessRefusal.alreadyDecided) { try check(once, "lea") }
        try check(once, "bea", [1])
        let done = once.applying(Sample.approval("bea", steps: [1]), Sample.approval("bob", steps: [1]))
        #expect(throws: AccessRefusal.alreadyApproved) { try check(done, "leo") }
        #expect(throws: AccessRefusal.over(.active)) { try check(done.applying(Sample.claim(at: 70)), "leo") }
    }

    @Test func `a host is narrowed once`() throws {
        let history = try Sample.history(counts: [2]).applying(Sample.approval("lea", host: "web1.example.com"))
        #expect(history.host == "web1.example.com")
        try check(history, "bea", host: "web1.example.com")
        #expect(throws: AccessRefusal.wider("it is for host `web1.example.com`")) {
            try check(history, "bea", host: "web2.example.com")
        }
    }

    @Test func `a denial is a denial before the quorum and a revocation after it`() throws {
        let history = try Sample.history(counts: [1])
        func denial(_ history: AccessHistory, by name: String = "bea", at seconds: Double = 100) throws -> AccessEvent.What {
            try history.denial(by: Sample.person(name), mayTakeAway: true, at: Sample.start + seconds)
        }
        #expect(try denial(history) == .denied)
        let approved = history.applying(Sample.approval("lea"))
        #expect(try denial(approved) == .revoked)
        #expect(try denial(approved.applying(Sample.claim(at: 70))) == .revoked)
        #expect(throws: AccessRefusal.over(.lapsed)) { try denial(approved, at: 700) }
        #expect(throws: AccessRefusal.ownRequest) { try denial(history, by: "ana") }
        #expect(throws: AccessRefusal.notAnApprover) {
            try history.denial(by: Sample.person("bea"), mayTakeAway: false, at: Sample.start)
        }
    }

    @Test func `only whoever asked cancels and ends`() throws {
        let history = try Sample.history(counts: [1])
        #expect(throws: AccessRefusal.notTheRequester) {
            try history.checkCancellation(by: Sample.person("bea"), at: Sample.start)
        }
        try history.checkCancellation(by: Sample.person("ana"), at: Sample.start)
        #expect(throws: AccessRefusal.notActive(.pending)) {
            try history.checkEnd(by: Sample.person("ana"), at: Sample.start)
        }
        let active = history.applying(Sample.approval("lea"), Sample.claim(at: 70))
        #expect(throws: AccessRefusal.notTheRequester) { try active.checkEnd(by: Sample.person("bea"), at: Sample.start + 80) }
        try active.checkEnd(by: Sample.person("ana"), at: Sample.start + 80)
        #expect(throws: AccessRefusal.notWithdrawable(.active)) {
            try active.checkCancellation(by: Sample.person("ana"), at: Sample.start + 80)
        }
    }

    @Test func `who says the same again says nothing new`() {
        let (denial, approval) = (Sample.event(.denied, by: "lea", at: 10), Sample.approval("lea", at: 10))
        #expect(denial.repeats(Sample.event(.denied, by: "lea", at: 20)))
        #expect(approval.repeats(Sample.approval("lea", steps: [], at: 20)))
        #expect(!denial.repeats(approval))
        #expect(!denial.repeats(Sample.event(.denied, by: "leo", at: 10)))
        let noted = AccessEvent(time: denial.time, by: denial.by, note: "not today", what: .denied)
        #expect(!denial.repeats(noted) && noted.repeats(noted))
    }

    @Test func `nobody reviews what they took themselves`() throws {
        let history = try Sample.history(counts: []) {
            $0.reviewers = "group `security`"
            $0.reviewWithin = 60
        }
        #expect(throws: AccessRefusal.nothingToReview) { try history.checkReview(by: Sample.person("sec"), isReviewer: true) }
        let claimed = history.applying(Sample.claim(at: 1))
        #expect(throws: AccessRefusal.ownReview) { try claimed.checkReview(by: Sample.person("ana"), isReviewer: true) }
        #expect(throws: AccessRefusal.notAReviewer) { try claimed.checkReview(by: Sample.person("bea"), isReviewer: false) }
        try claimed.checkReview(by: Sample.person("sec"), isReviewer: true)
    }
}
