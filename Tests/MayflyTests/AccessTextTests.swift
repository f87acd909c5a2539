// SPDX-License-Identifier: Apache-2.0

import Client
import Foundation
import ServiceAPI
import Testing

@testable import mayfly

/// What is said of a request in a line.
@Suite struct AccessTextTests {
    private static let now = Date(timeIntervalSince1970: 1_790_000_000)

    private static func view(
        _ state: String = "pending", steps: [AccessStep] = [], approvals: [AccessApproval] = [], canDecide: [String] = [],
        duration: Int = 7200, asked: AccessAsked? = nil, breakGlass: Bool = false, extends: String? = nil,
        waitsUntil: Date? = .distantFuture, reviewDue: Date? = nil, reviewed: AccessDecision? = nil
    ) -> AccessView {
        AccessView(
            id: "k3x7mw2p4qza", state: state, requester: "ana@example.com", requestedAt: now, role: "prod", rule: "ask",
            kind: .ssh, host: nil, logins: nil, names: nil, duration: duration, reason: nil, ticket: nil, steps: steps,
            approvals: approvals, canDecide: canDecide, breakGlass: breakGlass, extends: extends,
            waitsUntil: state == "pending" ? waitsUntil : nil, starts: nil, claimBefore: nil, until: nil, closed: nil,
            reviewDue: reviewDue, reviewed: reviewed, certificates: 0, asked: asked,
            reviewers: breakGlass ? "group `security`" : nil)
    }

    private static let board = [
        AccessStep(approvers: "1 of group `leads`", count: 1, agreed: 1, isDone: true),
        AccessStep(approvers: "2 of group `board`", count: 2, agreed: 1, isDone: false),
    ]

    @Test func `who is waited for is the step that is open, with those of it who agreed`() {
        let view = Self.view(steps: Self.board, canDecide: ["leo@example.com", "bea@example.com"])
        let people = "for 2 of group `board`, 1 of 2 agreed; that is leo@example.com, bea@example.com"
        #expect(view.waitingText() == "k3x7mw2p4qza waits " + people)
        #expect(view.waitingText("29m59s") == "k3x7mw2p4qza waits 29m59s more " + people)
    }

    @Test func `what is less than asked for is said with the rule`() {
        #expect(Self.view().cutText(of: 32_400) == "9h was asked for; rule `ask` gives at most 2h")
        #expect(Self.view().cutText(of: 7200) == nil)
        #expect(Self.view().cutText(of: nil) == nil)
        #expect(
            Self.view(duration: 60, extends: "aaaaaaaaaaaa").cutText(of: 120)
                == "2m was asked for; rule `ask` gives at most 1m more after aaaaaaaaaaaa")
        // By an approver since, and not by the rule.
        #expect(Self.view(duration: 60, asked: AccessAsked(duration: 7200, host: nil)).cutText(of: 7200) == nil)
    }

    @Test func `whoever decides sees what waits for them`() {
        let pending = Self.view(canDecide: ["lea@example.com"])
        #expect(pending.stateText(for: "lea@example.com") == "pending, for you to decide")
        #expect(pending.stateText(for: "ana@example.com") == "pending")
        #expect(Self.view("active").stateText(for: "ana@example.com") == "active")
    }

    @Test func `break-glass never looks approved`() {
        let sec = "sec@example.com"
        let unused = Self.view("approved", canDecide: [sec], breakGlass: true)
        #expect(unused.stateText(for: sec) == "break-glass, not used yet")
        #expect(!unused.awaits(sec))
        #expect(unused.text.contains(/reviewers +group `security`; that is sec@example.com/), "\(unused.text)")
        let used = Self.view("active", canDecide: [sec], breakGlass: true, reviewDue: Self.now)
        #expect(used.stateText(for: sec) == "break-glass, active, for you to review")
        #expect(used.stateText(for: "ana@example.com") == "break-glass, active, review due")
    }

    @Test func `what was found wrong and goes on says how it is taken away`() {
        func reviewed(_ state: String, _ verdict: AccessVerdict) -> AccessView {
            let review = AccessDecision(by: "sec@example.com", at: Self.now, verdict: verdict, note: "no INC")
            return Self.view(state, breakGlass: true, reviewed: review)
        }
        #expect(
            reviewed("active", .flagged).flaggedText
                == "the grant goes on; take it away with `mayfly deny k3x7mw2p4qza --note …`")
        #expect(reviewed("ended", .flagged).flaggedText == nil)
        #expect(reviewed("active", .fine).flaggedText == nil)
        #expect(reviewed("active", .flagged).text.contains(/review +flagged by sec@example.com: no INC/))
    }

    @Test func `what approvers gave less is said beside what was asked`() {
        let approvals = [
            AccessApproval(by: "lea@example.com", at: Self.now, duration: 1800, host: nil, note: nil, signedBy: nil),
            AccessApproval(by: "leo@example.com", at: Self.now, duration: nil, host: nil, note: nil, signedBy: nil),
        ]
        let view = Self.view(
            "approved", approvals: approvals, duration: 1800, asked: AccessAsked(duration: 3600, host: nil))
        #expect(view.text.contains(/for +1h\n/), "\(view.text)")
        #expect(view.text.contains(/given +for 30m\n/), "\(view.text)")
        #expect(view.text.contains(/approved by +lea@example.com \(for 30m\), leo@example.com\n/), "\(view.text)")
        #expect(view.outcomeText == "k3x7mw2p4qza is approved by lea@example.com (for 30m), leo@example.com")
    }

    /// A server that restarts, or has too much to do.
    @Test func `who waits goes on waiting through what passes`() async throws {
        func problem(_ kind: Problem.Kind) -> ClientError { .problem(Problem(type: kind, status: 503, title: "", detail: "")) }
        var answers: [Result<AccessView, ClientError>] = [
            .failure(.unreachable(server: "", reason: "")), .failure(problem(.unavailable)),
            .failure(problem(.tooManyRequests)), .success(Self.view()), .success(Self.view("approved")),
        ]
        let wait = AccessWait(pause: .zero) { _ in try answers.removeFirst().get() }
        #expect(try await wait.decision(on: Self.view()).state == "approved")
        #expect(answers.isEmpty)
        answers = [.failure(problem(.notAuthenticated))]
        await #expect(throws: ClientError.self) { try await wait.decision(on: Self.view()) }
        // Nothing is waited for beyond its time.
        answers = [.failure(problem(.unavailable))]
        await #expect(throws: ClientError.self) { try await wait.decision(on: Self.view(waitsUntil: .distantPast)) }
    }
}
