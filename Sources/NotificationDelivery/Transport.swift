// SPDX-License-Identifier: Apache-2.0

package import Notifications

package import struct FoundationEssentials.Date

/// How a notice gets to one receiver.
package protocol Transport: Sendable {
    /// Returns what the receiver said once it has taken the notice.
    /// - Parameter time: of this attempt.
    func send(_ notice: Notice, at time: Date) async throws(DeliveryProblem) -> Receipt
}

/// What a receiver that took a notice said.
package struct Receipt: Sendable, Equatable {
    package let text: String
    /// Addresses that it will never take anything for. Others got it: one person who has left holds up nobody.
    package let refused: [String]

    package init(_ text: String, refused: [String] = []) {
        self.text = text
        self.refused = refused
    }
}
