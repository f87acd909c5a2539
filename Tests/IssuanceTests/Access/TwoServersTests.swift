// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import TestSupport
import Testing

@testable import Issuance

/// Two servers on one store, and people who act at the same time.
@Suite struct TwoServersTests {
    private enum Act: CaseIterable {
        case approve, approveToo, deny, cancel, take, takeToo, end, revoke, extend, extendToo
    }

    /// Whatever order it comes to: what is in the log is what may be in it.
    @Test(arguments: 0..<60)
    func `of everything that happens at once, nothing is given that may not be`(seed: UInt64) async throws {
        let ca = try await TestCA.access()
        let servers = [ca.authority, try ca.anotherAuthority()]
        let id = try await ca.ask(duration: .seconds(3600))
        // Some begin with the quorum, some without.
        if seed % 3 != 0 { try await ca.approve(id) }
        if seed % 3 == 2 { _ = try await ca.take() }
        var random = SeededGenerator(seed: seed &+ 1)
        let acts = Array((Act.allCases + Act.allCases).shuffled(using: &random).prefix(10))
        _ = await concurrently(acts.count) { number in
            let server = servers[(number + Int(seed)) % 2]
            switch acts[number] {
            case .approve: _ = try await server.approveAccess(id, ApprovalGiven(), by: ca.caller(.lea))
            case .approveToo: _ = try await server.approveAccess(id, ApprovalGiven(), by: ca.caller(.leo))
            case .deny: _ = try await server.denyAccess(id, note: "no", by: ca.caller(.root))
            case .cancel: _ = try await server.cancelAccess(id, by: ca.caller(.ana))
            case .take, .takeToo:
                _ = try await server.issue(
                    try IssuanceRequest(
                        role: "shell", subject: .ssh(try .new(), logins: nil, host: nil), lifetime: nil, reason: nil),
                    for: ca.caller(.ana))
            case .end: _ = try await server.endGrant(id, by: ca.caller(.ana))
            case .revoke: _ = try await server.revokeGrant(id, note: "now", by: ca.caller(.leo))
            case .extend, .extendToo: _ = try await ca.extend(id, through: server)
            }
        }
        try await check(id, at: ca)
    }

    /// In the words of the log alone, not of the fold.
    private func check(_ id: String, at ca: TestCA) async throws {
        var approved: Set<String> = []
        var (isClaimed, isClosed) = (false, false)
        var extensions: [String] = []
        for event in try await ca.events() where event.access?.request ?? event.access?.extends == id {
            switch event.type {
            case .accessRequested:
                #expect(isClaimed && !isClosed && extensions.isEmpty)
                extensions.append(try AccessRequest(document: event.canonicalBytes).id)
            // What comes too late is on record too, and is for no step.
            case .accessApproved where event.access?.steps?.isEmpty == false:
                let isNew = approved.insert(event.actor?.user ?? "").inserted
                #expect(isNew)
            case .accessClaimed:
                #expect(!isClaimed && !isClosed && !approved.isEmpty)
                isClaimed = true
            case .certificateIssued: #expect(isClaimed && !isClosed)
            case .accessDenied, .accessCancelled, .accessEnded, .accessRevoked:
                isClosed = true
            default: break
            }
        }
        let history = try await ca.history(id)
        #expect(history.approvals.count <= 1)
        #expect((history.claim != nil) == isClaimed)
        let certificates = try await ca.certificates(of: id)
        #expect(certificates.allSatisfy { $0.validBefore <= history.claim?.until ?? .distantPast })
        guard history.closing != nil else { return }
        #expect(certificates.allSatisfy { $0.revokedAt != nil })
        for id in extensions { #expect(try await !ca.status(id).isOpen) }
        #expect(try await ca.take().record == nil)
    }

    /// The grant is in use; it is ended, and extended twice, all at once.
    @Test(arguments: 0..<20)
    func `whatever comes first, of a grant that has ended nothing goes on`(seed: Int) async throws {
        let ca = try await TestCA.access()
        let servers = [ca.authority, try ca.anotherAuthority()]
        let id = try await ca.ask(duration: .seconds(3600))
        try await ca.approve(id)
        _ = try #require(try await ca.take().record)
        let results = await concurrently(3) { number in
            let server = servers[(number + seed) % 2]
            if number == seed % 3 {
                _ = try await server.revokeGrant(id, note: "now", by: ca.caller(.leo))
            } else {
                _ = try await ca.extend(id, through: server)
            }
        }
        #expect(results.count { (try? $0.get()) != nil } <= 2)
        #expect(try await ca.status(id) == .revoked)
        try await check(id, at: ca)
        #expect(try await ca.events().count { $0.type == .accessRequested } <= 2)
    }

    @Test func `of many who claim at once through both, one starts the clock, and all hold what ends with it`() async throws {
        let ca = try await TestCA.access()
        let servers = [ca.authority, try ca.anotherAuthority()]
        let id = try await ca.ask()
        try await ca.approve(id)
        let results = await concurrently(16) { number in
            try await servers[number % 2].issue(
                try IssuanceRequest(
                    role: "shell", subject: .ssh(try .new(), logins: nil, host: nil), lifetime: nil, reason: nil),
                for: ca.caller(.ana)
            ).record
        }
        #expect(results.allSatisfy { (try? $0.get()) != nil })
        #expect(try await ca.events().count { $0.type == .accessClaimed } == 1)
        #expect(Set(try await ca.certificates(of: id).map(\.serial)).count == 16)
    }

    /// It would not end in time if nobody were told.
    @Test(.timeLimit(.minutes(10)), arguments: [0, 1])
    func `whoever waits hears of a decision, whichever server took it`(server: Int) async throws {
        let ca = try await TestCA.access()
        let other = try ca.anotherAuthority()
        let id = try await ca.ask()
        async let waiting = ca.authority.accessRequest(id, for: ca.caller(.ana), waiting: .seconds(3600))
        try await Task.sleep(for: .milliseconds(100))
        _ = try await [ca.authority, other][server].approveAccess(id, ApprovalGiven(), by: ca.caller(.lea))
        #expect(try await waiting.history.status(at: ca.clock.now) == .approved)
    }

    @Test func `whoever waits is answered when the time is over, and at once where there is nothing to wait for`() async throws
    {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        let begin = ContinuousClock.now
        let found = try await ca.authority.accessRequest(id, for: ca.caller(.ana), waiting: .milliseconds(300))
        #expect(found.history.status(at: ca.clock.now) == .pending)
        #expect(ContinuousClock.now - begin >= .milliseconds(300))
        await #expect(throws: AccessError.notFound(id: id)) {
            try await ca.authority.accessRequest(id, for: ca.caller(.bo), waiting: .seconds(20))
        }
        ca.clock.advance(1800)
        let over = try await ca.authority.accessRequest(id, for: ca.caller(.ana), waiting: .seconds(20))
        #expect(over.history.status(at: ca.clock.now) == .expired)
    }
}
