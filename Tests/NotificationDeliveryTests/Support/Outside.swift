// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Issuance
import Notifications
import Storage
import Synchronization
import TestSupport
import Testing

final class ManualClock: WallClock {
    private let time = Mutex(Date(timeIntervalSince1970: 1_790_000_000))

    var now: Date { time.withLock { $0 } }

    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
}

/// A store in a folder of its own, which can be opened again as after a restart.
struct Outside {
    let directory: TemporaryDirectory
    let clock = ManualClock()

    init() throws {
        directory = try TemporaryDirectory()
    }

    func store() async throws -> SQLStore { try await SQLStore.sqlite(path: directory.file("test.sqlite")) }

    /// An act with its event and its notices.
    func commit(_ notices: [Notice], to store: SQLStore, preconditions: [Precondition] = []) async throws -> CommitOutcome {
        var entry = try CommitEntry(event: AuditEvent(time: AuditTime(clock.now), type: .keyUsed))
        entry.preconditions = preconditions
        entry.notifications = notices
        return try await store.commit([entry])[0]
    }

    func notice(_ id: String, to receivers: [ReceiverName]) throws -> Notice {
        Notice(
            id: try #require(NoticeID(id)), kind: .accessRequested, time: clock.now, title: "ana asks for shell",
            facts: [.init("Reason", "INC-1")], recipients: receivers)
    }
}

extension ReceiverName {
    static func named(_ text: String) throws -> ReceiverName { try #require(ReceiverName(text)) }
}
