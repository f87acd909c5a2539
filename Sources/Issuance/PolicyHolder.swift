// SPDX-License-Identifier: Apache-2.0

package import Policies
import Synchronization

package import struct FoundationEssentials.Date

/// The policy set that is live, replaced whole. What does not load, or fails its own tests, never becomes live.
package final class PolicyHolder: Sendable {
    package struct Live: Sendable {
        package let set: PolicySet
        package let loadedAt: Date
        /// Why newer files are not live.
        package var problem: String?
        /// The last problem that is in the log.
        var recordedProblem: String?
    }

    private let live: Mutex<Live>

    package init(_ set: PolicySet, loadedAt: Date) {
        live = Mutex(Live(set: set, loadedAt: loadedAt, problem: nil))
    }

    package var current: Live { live.withLock { $0 } }

    package func replace(with set: PolicySet, at time: Date) {
        live.withLock { $0 = Live(set: set, loadedAt: time, problem: nil) }
    }

    package func refuse(_ problem: String) {
        live.withLock { $0.problem = problem }
    }

    func noteRecorded(_ problem: String) {
        live.withLock { $0.recordedProblem = problem }
    }
}
