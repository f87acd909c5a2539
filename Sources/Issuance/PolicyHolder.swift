// SPDX-License-Identifier: Apache-2.0

package import AuditLog
package import Policies
import Synchronization

package import struct FoundationEssentials.Date

/// The policy set that is live, replaced whole. What does not load, or fails its own tests, never becomes live.
package final class PolicyHolder: Sendable {
    package struct Live: Sendable {
        package let set: PolicySet
        /// The commit it was read from, where policies are kept in signed commits.
        package let source: AuditEvent.PolicySource?
        package let loadedAt: Date
        /// When files were last read that are live, changed or not.
        package var readAt: Date
        /// Why newer files are not live.
        package var problem: String?
        /// How often files were read since the start, the first time among them, and with which result.
        package var reads = Reads()
        /// The last problem that is in the log.
        var recordedProblem: String?
    }

    package struct Reads: Sendable, Equatable {
        package var successes = 0
        package var failures = 0
        /// Of the last failure, even where it is mended.
        package var failedAt: Date?
    }

    private let live: Mutex<Live>

    package init(_ set: PolicySet, from source: AuditEvent.PolicySource? = nil, loadedAt: Date) {
        live = Mutex(Live(set: set, source: source, loadedAt: loadedAt, readAt: loadedAt, reads: Reads(successes: 1)))
    }

    package var current: Live { live.withLock { $0 } }

    /// - Parameter loadedAt: when it went live; nil: now.
    package func replace(
        with set: PolicySet, from source: AuditEvent.PolicySource?, at time: Date, loadedAt: Date? = nil
    ) {
        live.withLock { live in
            var reads = live.reads
            reads.successes += 1
            live = Live(set: set, source: source, loadedAt: loadedAt ?? time, readAt: time, reads: reads)
        }
    }

    package func refuse(_ problem: String, at time: Date) {
        live.withLock { live in
            live.problem = problem
            live.reads.failures += 1
            live.reads.failedAt = time
        }
    }

    func noteRecorded(_ problem: String) {
        live.withLock { $0.recordedProblem = problem }
    }
}
