// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import TestSupport
import Testing

@testable import AccessRequests

/// Where a request stands, whatever events came and whatever the time.
@Suite struct HistoryTests {
    @Test func `a request waits, is approved by distinct people, claimed, and ends`() throws {
        var history = try Sample.history()
        #expect(history.status(after: 0) == .pending)
        history.apply(Sample.approval("lea"))
        history.apply(Sample.approval("bea", steps: [1]))
        #expect(history.status(after: 100) == .pending)
        history.apply(Sample.approval("bob", steps: [1], at: 120))
        #expect(history.status(after: 121) == .approved)
        history.apply(Sample.claim(at: 200))
        #expect(history.status(after: 3799) == .active)
        #expect(history.status(after: 3800) == .ended)
    }

    @Test func `whoever asks never counts`() throws {
        let history = try Sample.history(counts: [1]).applying(Sample.approval("ana"))
        #expect(history.status(after: 100) == .pending)
    }

    @Test func `the same name vouched for by another provider is the same person`() throws {
        let own = Person(provider: "corporate", user: "ana@example.com")
        let event = AccessEvent(
            time: Sample.start + 1, by: own,
            what: .approved(Approval(by: own, at: Sample.start + 1, steps: [0], actor: Sample.actor("ana"))))
        #expect(try Sample.history(counts: [1]).applying(event).status(after: 100) == .pending)
    }

    @Test func `a second click is not a second approval`() throws {
        let history = try Sample.history(counts: [2]).applying(Sample.approval("lea"), Sample.approval("lea", at: 61))
        #expect(history.status(after: 100) == .pending)
        #expect(history.approvals.count == 1)
    }

    @Test func `nobody to approve means that nobody does`() throws {
        let history = try Sample.history(counts: []).applying(Sample.approval("lea", steps: []))
        #expect(history.status(after: 100) == .pending)
        #expect(history.status(after: 1800) == .expired)
    }

    @Test func `a request that waits too long expires by itself, and what comes later changes nothing`() throws {
        let history = try Sample.history(counts: [1]).applying(Sample.approval("lea", at: 1800))
        #expect(history.status(after: 1799) == .pending)
        #expect(history.status(after: 1800) == .expired)
        #expect(history.late.count == 1)
    }

    @Test func `the two clocks are apart`() throws {
        // Approved in the last second of the waiting, claimed in the last second after, and all of the time is left.
        let history = try Sample.history(counts: [1]).applying(Sample.approval("lea", at: 1799), Sample.claim(at: 2398))
        #expect(history.status(after: 2398 + 3599) == .active)
        #expect(history.duration == 3600)
    }

    @Test func `what nobody claims lapses`() throws {
        let history = try Sample.history(counts: [1]).applying(Sample.approval("lea", at: 100))
        #expect(history.status(after: 699) == .approved)
        #expect(history.status(after: 700) == .lapsed)
        #expect(history.applying(Sample.claim(at: 700)).claim == nil)
    }

    @Test func `a further approval does not move the clock`() throws {
        let history = try Sample.history(counts: [1]).applying(
            Sample.approval("lea", at: 100), Sample.approval("bea", at: 500))
        #expect(history.status(after: 700) == .lapsed)
    }

    @Test func `what begins later is scheduled, and claimed only then`() throws {
        let history = try Sample.history(counts: [1]) { $0.starts = .init(Sample.start + 7200) }
            .applying(Sample.approval("lea", at: 100))
        #expect(history.status(after: 7199) == .scheduled)
        #expect(history.applying(Sample.claim(at: 7199)).claim == nil)
        #expect(history.status(after: 7200) == .approved)
        #expect(history.status(after: 7800) == .lapsed)
    }

    @Test func `approvers shorten, and the shortest holds`() throws {
        let history = try Sample.history(counts: [2]).applying(
            Sample.approval("lea", duration: 1200), Sample.approval("bea", at: 61, duration: 1800))
        #expect(history.duration == 1200)
    }

    @Test func `nobody lengthens`() throws {
        let history = try Sample.history(counts: [1]).applying(Sample.approval("lea", duration: 7200))
        #expect(history.duration == 3600)
    }

    @Test func `a denial ends it, whoever approved before`() throws {
        let history = try Sample.history().applying(
            Sample.approval("lea"), Sample.event(.denied, by: "bea", at: 70), Sample.approval("bob", steps: [1], at: 80))
        #expect(history.status(after: 100) == .denied)
        #expect(history.late.count == 1)
    }

    @Test func `a denial alone takes nothing from what was approved`() throws {
        // After the quorum it has to come as a revocation, which it is for the authority to say.
        let history = try Sample.history(counts: [1]).applying(
            Sample.approval("lea"), Sample.event(.denied, by: "bea", at: 70))
        #expect(history.status(after: 100) == .approved)
    }

    @Test(arguments: [
        (Sample.event(.ended, at: 300), AccessStatus.ended), (Sample.event(.revoked, by: "lea", at: 300), .revoked),
    ])
    func `ended means ended`(ending: AccessEvent, status: AccessStatus) throws {
        let history = try Sample.history(counts: [1]).applying(
            Sample.approval("lea"), Sample.claim(at: 100), ending, Sample.claim(at: 310), Sample.approval("bea", at: 320))
        #expect(history.status(after: 299) != .active || history.closing != nil)
        #expect(history.status(after: 400) == status)
        #expect(history.late.count == 2)
    }

    @Test func `an approver who lost the seat sends it back, and another may sit there`() throws {
        let voided = try Sample.history(counts: [1]).applying(
            Sample.approval("lea", at: 100), Sample.event(.voided(left: ["lea@example.com": []]), at: 200))
        #expect(voided.status(after: 201) == .pending)
        #expect(voided.status(after: 1800) == .void)
        let again = voided.applying(Sample.approval("bea", at: 300))
        #expect(again.status(after: 301) == .approved)
        #expect(again.status(after: 900) == .lapsed)
    }

    @Test func `an approver who lost one of two seats keeps the other`() throws {
        let history = try Sample.history(counts: [1, 1]).applying(
            Sample.approval("lea", steps: [0, 1]), Sample.approval("leo", steps: [0]),
            Sample.event(.voided(left: ["lea@example.com": [0, 2]]), at: 200))
        #expect(history.status(after: 201) == .pending)
        #expect(history.approvals.map(\.steps) == [[0], [0]])
        #expect(history.filledSteps == 1)
        #expect(history.applying(Sample.approval("bea", steps: [1], at: 300)).status(after: 301) == .approved)
        #expect(history.status(after: 1800) == .void)
    }

    @Test func `an approver who lost the seat after the claim takes nothing away`() throws {
        let history = try Sample.history(counts: [1]).applying(
            Sample.approval("lea"), Sample.claim(at: 100), Sample.event(.voided(left: ["lea@example.com": []]), at: 200))
        #expect(history.status(after: 300) == .active)
    }

    @Test func `what was cancelled cannot be approved`() throws {
        let history = try Sample.history(counts: [1]).applying(
            Sample.event(.cancelled, at: 10), Sample.approval("lea"))
        #expect(history.status(after: 100) == .cancelled)
    }

    @Test func `broken glass needs nobody, and leaves a review open`() throws {
        let history = try Sample.history(counts: []) {
            $0.reviewers = "group `security`"
            $0.reviewWithin = 86_400
        }
        #expect(history.status(after: 1) == .approved)
        #expect(history.reviewDue == nil)
        let claimed = history.applying(Sample.claim(at: 10))
        #expect(claimed.reviewDue == Sample.start + 10 + 86_400)
        let reviewed = claimed.applying(Sample.event(.reviewed(.flagged), by: "sec", at: 5000))
        #expect(reviewed.reviewDue == nil)
        #expect(reviewed.reviewed?.what == .reviewed(.flagged))
    }

    /// Whatever events come in whatever order: what is over stays over, and time alone opens nothing.
    @Test(arguments: 0..<200)
    func `what is over stays over`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var history = try Sample.history(counts: [1])
        var time = 0.0
        var wasOver = false
        for _ in 0..<60 {
            time += Double(Int.random(in: 1...400, using: &random))
            let name = ["ana", "lea", "bea"].randomElement(using: &random) ?? "ana"
            let events: [AccessEvent] = [
                Sample.approval(name, at: time), Sample.event(.denied, by: name, at: time),
                Sample.event(.voided(left: ["lea@example.com": []]), at: time), Sample.claim(at: time),
                Sample.event(.ended, at: time), Sample.event(.revoked, by: name, at: time),
                Sample.event(.cancelled, at: time), Sample.approval(name, at: time), Sample.claim(at: time),
            ]
            history.apply(events.randomElement(using: &random) ?? events[0])
            let isOpen = history.status(after: time).isOpen
            #expect(!(wasOver && isOpen), "seed \(seed)")
            wasOver = !isOpen
            #expect(history.status(at: history.closesAt).isOpen == false)
            if let claim = history.claim { #expect(history.status(at: claim.until) != .active) }
        }
    }
}
