// SPDX-License-Identifier: Apache-2.0

package import AuditLog
import Synchronization

/// How often the policy decided what since the start, of those decisions that are on record.
package final class DecisionCounts: Sendable {
    private let counts = Mutex<[AuditEvent.Decision.Result: Int]>([:])

    package subscript(result: AuditEvent.Decision.Result) -> Int { counts.withLock { $0[result, default: 0] } }

    func add(_ results: [AuditEvent.Decision.Result]) {
        guard !results.isEmpty else { return }
        counts.withLock { counts in
            for result in results { counts[result, default: 0] += 1 }
        }
    }
}
