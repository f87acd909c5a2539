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
        /// Why newer files are not live.
        package var problem: String?
        /// The last problem that is in the log.
        var recordedProblem: String?
    }

    private let live: Mutex<Live>

    package init(_ set: PolicySet, from source: AuditEvent.PolicySource? = nil, loadedAt: Date) {
        live = Mutex(Live(set: set, source: source, loadedAt: loadedAt))
    }

    package var current: Live { live.withLock { $0 } }

    package func replace(with set: PolicySet, from source: AuditEvent.PolicySource?, at time: Date) {
        live.withLock { $0 = Live(set: set, source: source, loadedAt: time) }
    }

    package func refuse(_ problem: String) {
        live.withLock { $0.problem = problem }
    }

    func noteRecorded(_ problem: String) {
        live.withLock { $0.recordedProblem = problem }
    }
}
