// SPDX-License-Identifier: Apache-2.0

/// Tells whoever builds revocation lists, and whoever keeps answers, that they may have changed.
package final class RevocationSignal: Sendable {
    private let changes = Newest<UInt64>()

    init() {}

    /// How many there were: what was looked up under an earlier one may have changed.
    package var generation: UInt64 { changes.value ?? 0 }

    func signal() { changes.update { ($0 ?? 0) + 1 } }

    /// Returns once there was one after that `generation`, after `limit`, or when the task is cancelled.
    package func next(after generation: UInt64, within limit: Duration) async {
        _ = await changes.value(within: limit) { $0 > generation }
    }
}
