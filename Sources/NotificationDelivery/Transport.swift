// SPDX-License-Identifier: Apache-2.0

package import Notifications

package import struct FoundationEssentials.Date

/// How a notice gets to one receiver.
package protocol Transport: Sendable {
    /// Returns what the receiver said once it has taken the notice.
    /// - Parameter time: of this attempt.
    func send(_ notice: Notice, at time: Date) async throws(DeliveryProblem) -> String
}
