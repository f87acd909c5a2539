// SPDX-License-Identifier: Apache-2.0

/// A CA key is to go on to its next state.
package struct CAKeyOrder: Sendable {
    package enum Act: String, Sendable, CaseIterable {
        case prepare, activate, retire, revoke

        var participle: String {
            switch self {
            case .prepare: "prepared"
            case .activate: "activated"
            case .retire: "retired"
            case .revoke: "revoked"
            }
        }
    }

    package var purpose: CAKeyPurpose
    package var act: Act
    /// Fingerprint; nil where only one can be meant.
    package var key: String?
    /// Also where hosts or certificates would be refused.
    package var isForced: Bool
    /// One line for the record.
    package var reason: String

    package init(_ act: Act, _ purpose: CAKeyPurpose, key: String? = nil, isForced: Bool = false, reason: String) {
        self.act = act
        self.purpose = purpose
        self.key = key
        self.isForced = isForced
        self.reason = reason
    }
}
