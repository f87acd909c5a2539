// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What became of the refresh tokens of sessions that are over, at one provider, since the start.
package final class RevocationCounts: Sendable {
    package enum Result: String, Sendable, CaseIterable {
        case revoked
        /// The provider would not, or did not answer in time. It was forgotten all the same.
        case failed
    }

    private let counts = Mutex<[Result: Int]>([:])

    package subscript(result: Result) -> Int { counts.withLock { $0[result, default: 0] } }

    func add(_ result: Result) { counts.withLock { $0[result, default: 0] += 1 } }
}
