// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How often what happened since the start.
package final class Counts<Event: Hashable & Sendable>: Sendable {
    private let counts = Mutex<[Event: Int]>([:])

    package init() {}

    package subscript(event: Event) -> Int { counts.withLock { $0[event, default: 0] } }

    package func add(_ events: [Event]) {
        guard !events.isEmpty else { return }
        counts.withLock { counts in
            for event in events { counts[event, default: 0] += 1 }
        }
    }
}
