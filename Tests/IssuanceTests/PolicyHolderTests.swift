// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

/// Policy sets go live through the log.
@Suite struct PolicyHolderTests {
    private let changed = TestCA.policy + "# changed\n"

    @Test func `the set of the start is on record`() async throws {
        let ca = try await TestCA()
        try await ca.authority.recordPolicyLoad()
        let event = try #require(try await ca.events().last)
        #expect(event.type == .policyLoaded)
        #expect(event.policy == ca.authority.policies.current.set.digest)
    }

    @Test func `a new set decides from now on, on record`() async throws {
        let ca = try await TestCA()
        let next = try TestCA.policySet(changed)
        try await ca.authority.replacePolicies(with: next, from: nil)
        #expect(ca.authority.policies.current.set.digest == next.digest)
        #expect(ca.authority.policies.current.loadedAt == ca.clock.now)
        #expect(try await ca.events().map(\.policy) == [next.digest])
        #expect(try await ca.issued(.ssh()).policy == next.digest)
    }

    @Test func `the commit a set came from is on record, in the log and for the next start`() async throws {
        let ca = try await TestCA()
        #expect(try await ca.store.livePolicy() == nil)
        let source = AuditEvent.PolicySource(commit: String(repeating: "a", count: 40), signer: "lead@example.com")
        let next = try TestCA.policySet(changed)
        try await ca.authority.replacePolicies(with: next, from: source)
        #expect(ca.authority.policies.current.source == source)
        #expect(try await ca.events().last?.policySource == source)
        let record = try #require(try await ca.store.livePolicy())
        #expect(record.digest == next.digest)
        #expect(record.source == source)
    }

    @Test func `the same set from another commit is an event`() async throws {
        let ca = try await TestCA()
        let source = AuditEvent.PolicySource(commit: String(repeating: "b", count: 40), signer: "lead@example.com")
        try await ca.authority.replacePolicies(with: try TestCA.policySet(TestCA.policy), from: source)
        #expect(try await ca.events().map(\.policySource) == [source])
    }

    @Test func `a set that cannot be recorded does not go live`() async throws {
        let ca = try await TestCA()
        let before = ca.authority.policies.current.set.digest
        ca.store.disturbOnce { _ in throw DiskFailure() }
        let next = try TestCA.policySet(changed)
        await #expect(throws: DiskFailure()) { try await ca.authority.replacePolicies(with: next, from: nil) }
        #expect(ca.authority.policies.current.set.digest == before)
    }

    @Test func `the same set again is no event`() async throws {
        let ca = try await TestCA()
        try await ca.authority.replacePolicies(with: try TestCA.policySet(TestCA.policy), from: nil)
        #expect(try await ca.events().isEmpty)
    }

    @Test func `a refused set leaves the old one, and is one event however often it is read`() async throws {
        let ca = try await TestCA()
        let before = ca.authority.policies.current.set.digest
        for _ in 0..<3 { try await ca.authority.refusePolicies("test.yaml:1:1: broken") }
        #expect(ca.authority.policies.current.set.digest == before)
        #expect(ca.authority.policies.current.problem == "test.yaml:1:1: broken")
        let events = try await ca.events()
        #expect(events.map(\.type) == [.policyRefused])
        #expect(events.first?.message == "test.yaml:1:1: broken")
        #expect(events.first?.policy == before)
    }

    @Test func `a refusal that could not be recorded is recorded at the next reading`() async throws {
        let ca = try await TestCA()
        ca.store.disturbOnce { _ in throw DiskFailure() }
        await #expect(throws: DiskFailure()) { try await ca.authority.refusePolicies("broken") }
        try await ca.authority.refusePolicies("broken")
        #expect(try await ca.events().map(\.type) == [.policyRefused])
    }

    @Test func `files that were mended are no problem any more`() async throws {
        let ca = try await TestCA()
        try await ca.authority.refusePolicies("broken")
        try await ca.authority.replacePolicies(with: try TestCA.policySet(TestCA.policy), from: nil)
        #expect(ca.authority.policies.current.problem == nil)
    }

    @Test func `however long the problem, its event can be written`() async throws {
        let ca = try await TestCA()
        try await ca.authority.refusePolicies(String(repeating: "a\u{301}\u{302}\u{303}", count: 40_000))
        #expect(try await ca.events().map(\.type) == [.policyRefused])
    }
}
