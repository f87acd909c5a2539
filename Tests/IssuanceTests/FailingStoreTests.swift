// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import Issuance

/// A commit that fails releases nothing, whatever it takes down.
@Suite struct FailingStoreTests {
    @Test func `a store that cannot commit releases nothing`() async throws {
        let ca = try await TestCA()
        ca.store.disturb { _ in throw DiskFailure() }
        await #expect(throws: DiskFailure()) { try await ca.authority.issue(.ssh(), for: Person.ana.caller()) }
        #expect(try await ca.certificates().isEmpty)
        #expect(try await ca.events().isEmpty)
    }

    @Test func `a retry with the same key succeeds`() async throws {
        let ca = try await TestCA()
        ca.store.disturbOnce { _ in throw DiskFailure() }
        await #expect(throws: DiskFailure()) { try await ca.authority.issue(.ssh(), for: Person.ana.caller(key: "k")) }
        let record = try await ca.issued(.ssh(), to: Person.ana.caller(key: "k"))
        #expect(try await ca.certificates().map(\.serial) == [record.serial])
    }

    @Test func `a store that is down for many at once releases nothing to any of them, and serves all when it is back`()
        async throws
    {
        let ca = try await TestCA()
        ca.store.disturb { _ in throw DiskFailure() }
        let failed = await concurrently(60) { number in
            try await ca.authority.issue(.ssh(), for: Person.ana.caller(key: "\(number)"))
        }
        #expect(failed.allSatisfy { if case .failure(let error) = $0 { error is DiskFailure } else { false } })
        #expect(try await ca.certificates().isEmpty)
        ca.store.calm()
        let served = await concurrently(60) { number in
            try await ca.authority.issue(.ssh(), for: Person.ana.caller(key: "\(number)")).record?.serial
        }
        #expect(try Set(served.map { try $0.get() }).count == 60)
        #expect(try await ca.certificates().count == 60)
    }

    @Test func `a store that cannot take them together takes them one by one`() async throws {
        let ca = try await TestCA()
        ca.store.disturb { entries in
            if entries.count > 1 { throw DiskFailure() }
        }
        let results = await concurrently(60) { _ in try await ca.issued(.ssh()).serial }
        #expect(try Set(results.map { try $0.get() }).count == 60)
    }

    @Test func `when the database is full, what was returned is on record and what failed is not`() async throws {
        let ca = try await TestCA(maximumPages: 100)
        let results = await concurrently(250) { _ in try await ca.issued(.ssh()).certificate }
        let returned = results.compactMap { try? $0.get() }
        let recorded = try await ca.certificates().map(\.certificate)
        #expect(!returned.isEmpty)
        #expect(returned.count < results.count)
        #expect(Set(returned) == Set(recorded))
        #expect(returned.count == recorded.count)
        #expect(try await ca.events().count == recorded.count)
        try await ca.requireSoundLog()
    }

    @Test func `serials that cannot be had release nothing`() async throws {
        let ca = try await TestCA(maximumPages: 100)
        _ = await concurrently(250) { _ in try await ca.issued(.ssh()) }
        await #expect(throws: (any Error).self) { try await ca.authority.issue(.sshHost(), for: Person.ana.caller()) }
        #expect(try await ca.certificates().allSatisfy { $0.kind == .ssh })
    }
}
