// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

/// However often a grant is extended, all of it together has an end.
@Suite struct ExtensionTests {
    /// Asked for by ana, approved and claimed at once.
    private func grant(of seconds: Int, at ca: TestCA) async throws -> String {
        let id = try await ca.ask(duration: .seconds(seconds))
        try await ca.approve(id)
        _ = try #require(try await ca.take(grant: id).record)
        return id
    }

    /// With `total` for the rule of shells.
    private func access(total: String?) async throws -> TestCA {
        let ca = try await TestCA.access()
        if let total { try ca.load { Self.with(total: total, $0) } }
        return ca
    }

    private static func with(total: String, _ policy: String) -> String {
        policy.replacing("grant: 2h}", with: "grant: 2h, total: \(total)}")
    }

    @Test func `without a word in the policy, grant and extensions are no longer than one grant`() async throws {
        let ca = try await access(total: nil)
        var id = try await grant(of: 3600, at: ca)
        let next = try await ca.extend(id, by: 7200)
        let request = try await ca.history(next).request
        #expect(request.duration == 3600)
        #expect(request.since == TestCA.start)
        #expect(request.latest == TestCA.start + 7200)
        try await ca.approve(next)
        ca.clock.advance(3600)
        id = try #require(try await ca.take().record?.grant)
        #expect(id == next)
        await #expect(throws: AccessError.totalReached(rule: "ask", total: .seconds(7200))) {
            try await ca.extend(id, by: 60)
        }
    }

    @Test func `extended again and again, by whatever time, and claimed however late, it ends when it must`() async throws {
        let ca = try await access(total: "3h")
        let end = TestCA.start + 3 * 3600
        var id = try await grant(of: 1200, at: ca)
        var count = 0
        do {
            while count < 100 {
                let next = try await ca.extend(id, by: 1200)
                try await ca.approve(next)
                let history = try await ca.history(next)
                #expect(history.request.latest == end)
                // Nine minutes after it could have been claimed.
                ca.clock.advance(try #require(history.start).timeIntervalSince(ca.clock.now) + 540)
                let record = try #require(try await ca.take().record)
                #expect(record.validBefore <= end)
                #expect(try #require(try await ca.history(next).claim).until <= end)
                (id, count) = (next, count + 1)
            }
        } catch let error as AccessError {
            #expect(error == .totalReached(rule: "ask", total: .seconds(3 * 3600)))
        }
        // 20 minutes of work, nine of waiting.
        #expect(count == 6)
        #expect(try await ca.history(id).claim?.until == end)
        ca.clock.advance(end.timeIntervalSince(ca.clock.now))
        #expect(try await ca.reasons() == [])
    }

    @Test func `one that could be claimed only when all is over is never claimed`() async throws {
        let ca = try await access(total: "121m")
        let id = try await grant(of: 7200, at: ca)
        let next = try await ca.extend(id, by: 600)
        #expect(try await ca.history(next).request.duration == 60)
        try await ca.approve(next)
        ca.clock.advance(7200 + 60)
        #expect(try await ca.status(next) == .approved)
        #expect(
            try await ca.reasons() == ["`\(next)`: with what it goes on from, it has lasted as long as it may"])
        #expect(try await ca.certificates(of: next).isEmpty)
    }

    @Test func `the least holds of what was asked and what the policy says at the claim`() async throws {
        for (then, now, end) in [("4h", "3h", 3.0), ("3h", "4h", 3.0)] {
            let ca = try await access(total: then)
            let id = try await grant(of: 7200, at: ca)
            let next = try await ca.extend(id, by: 7200)
            try await ca.approve(next)
            try ca.load { Self.with(total: now, $0) }
            ca.clock.advance(7200)
            _ = try #require(try await ca.take().record)
            #expect(try await ca.history(next).claim?.until == TestCA.start + end * 3600, "\(then) → \(now)")
        }
    }

    @Test func `what a rule approves by itself it does not extend for ever`() async throws {
        let ca = try await TestCA.access()
        ca.people.put(.ana, into: ["duty"])
        let id = try await ca.ask("quick", duration: .seconds(1200))
        _ = try #require(try await ca.take("quick").record)
        let next = try await ca.extend(id, by: 1200)
        #expect(try await ca.history(next).request.duration == 600)
        ca.clock.advance(1200)
        _ = try #require(try await ca.take("quick").record)
        await #expect(throws: AccessError.totalReached(rule: "duty", total: .seconds(1800))) {
            try await ca.extend(next, by: 60)
        }
    }

    @Test func `the document that approvers sign says since when, and until when at the latest`() async throws {
        let ca = try await access(total: "4h")
        let id = try await grant(of: 3600, at: ca)
        let next = try await ca.extend(id, by: 1800)
        let event = try #require(try await ca.events().last { $0.type == .accessRequested })
        #expect(event.access?.extends == id)
        #expect(event.access?.since?.date == TestCA.start && event.access?.until?.date == TestCA.start + 4 * 3600)
        #expect(try AccessRequest(document: event.canonicalBytes).id == next)
        // A request that extends nothing has no such end.
        let first = try await ca.history(id).request
        #expect(first.since == nil && first.latest == nil)
    }
}
