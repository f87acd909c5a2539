// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Storage
import Synchronization
import Testing

@testable import Issuance

@Suite struct CommitterTests {
    private let directory: ScratchDirectory
    private let store: DisturbedStore
    private let committer: Committer

    init() async throws {
        directory = try ScratchDirectory()
        store = DisturbedStore(try await SQLStore.sqlite(path: directory.path + "/test.sqlite"))
        committer = Committer(store: store)
    }

    private func entry(_ message: String = "") throws -> CommitEntry {
        try CommitEntry(event: AuditEvent(time: AuditTime(TestCA.start), type: .keyUsed, message: message))
    }

    @Test func `entries that come while one is being made durable share the next transaction`() async throws {
        let batches = Mutex<[Int]>([])
        let arrivals = Mutex(0)
        store.disturb { entries in
            let isFirst = batches.withLock { batches in
                batches.append(entries.count)
                return batches.count == 1
            }
            guard isFirst else { return }
            while arrivals.withLock({ $0 }) < 100 { try await Task.sleep(for: .milliseconds(1)) }
            // For those who have arrived to take their place in the queue.
            try await Task.sleep(for: .milliseconds(200))
        }
        let committer = committer
        let outcomes = try await concurrently(100) { [entry = try entry()] _ in
            arrivals.withLock { $0 += 1 }
            return try await committer.commit(entry)
        }.map { try $0.get() }
        #expect(outcomes.allSatisfy { $0.isCommitted })
        let sizes = batches.withLock { $0 }
        #expect(sizes.reduce(0, +) == 100)
        #expect(sizes.count < 10)
    }

    @Test func `thousands at once are all answered, each with a number of its own and no number left out`() async throws {
        let committer = committer
        let outcomes = try await concurrently(5000) { [entry = try entry()] _ in try await committer.commit(entry) }
            .map { try $0.get() }
        let indexes = outcomes.compactMap { if case .committed(let index) = $0 { index } else { nil } }
        #expect(indexes.sorted() == Array(0..<5000))
        #expect(try await store.logFrontier().size == 5000)
    }

    @Test func `no transaction holds more than 256 entries`() async throws {
        let largest = Mutex(0)
        store.disturb { entries in
            largest.withLock { $0 = max($0, entries.count) }
            try await Task.sleep(for: .milliseconds(20))
        }
        let committer = committer
        _ = await concurrently(2000) { [entry = try entry()] _ in try await committer.commit(entry) }
        #expect((2...256).contains(largest.withLock { $0 }))
    }

    @Test func `an entry that the store cannot take does not fail those beside it`() async throws {
        let committer = committer
        let record = CertificateRecord(
            kind: .ssh, issuer: "SHA256:ca", serial: "1", provider: "local", user: "ana", role: "r", rule: "r", host: nil,
            names: [], publicKey: "SHA256:key", validAfter: TestCA.start, validBefore: TestCA.start, issuedAt: TestCA.start,
            policy: "", certificate: [])
        let plain = try entry()
        var taken = try entry()
        taken.certificate = record
        _ = try await store.commit([taken])
        // The serial is on record already.
        let results = await concurrently(300) { [taken] number in
            (isBad: number % 50 == 0, outcome: try? await committer.commit(number % 50 == 0 ? taken : plain))
        }
        for result in results {
            let (isBad, outcome) = try result.get()
            #expect((outcome?.isCommitted == true) == !isBad)
        }
        #expect(try await store.logFrontier().size == 1 + 294)
    }

    @Test func `an entry that is refused does not fail those beside it`() async throws {
        let committer = committer
        let plain = try entry()
        var refused = try entry()
        refused.preconditions = [.personIsStillKnown { false }]
        let results = await concurrently(300) { [refused] number in
            try await committer.commit(number % 2 == 0 ? plain : refused)
        }
        let outcomes = try results.map { try $0.get() }
        #expect(outcomes.count { $0.isCommitted } == 150)
        #expect(outcomes.count { $0 == .refused(.personNoLongerKnown) } == 150)
    }

    /// Whoever leads a batch commits for others too, so their entries must not end with the leader's task.
    @Test func `a caller who goes away takes nobody along`() async throws {
        let committer = committer
        let isOpen = Mutex(false)
        store.disturbOnce { _ in
            while !isOpen.withLock({ $0 }) { await Task.yield() }
        }
        let entry = try entry()
        let tasks = (0..<100).map { _ in Task { try await committer.commit(entry) } }
        try await Task.sleep(for: .milliseconds(200))
        for (number, task) in tasks.enumerated() where number != 77 { task.cancel() }
        isOpen.withLock { $0 = true }
        #expect(try await tasks[77].value.isCommitted)
        for task in tasks { _ = await task.result }
        #expect(try await committer.commit(entry).isCommitted)
    }
}
