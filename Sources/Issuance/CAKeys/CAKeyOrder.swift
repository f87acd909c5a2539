// SPDX-License-Identifier: Apache-2.0

package import X509Certificates

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
    /// What an issuing CA needs besides.
    package var issuing: Issuing?

    package struct Issuing: Sendable {
        /// Of the key that is to be prepared.
        package var certificate: IssuerCertificate?
        package var root: IssuerCertificate
        /// The root's newest list.
        package var rootList: RevocationList?

        package init(certificate: IssuerCertificate?, root: IssuerCertificate, rootList: RevocationList?) {
            self.certificate = certificate
            self.root = root
            self.rootList = rootList
        }
    }

    package init(
        _ act: Act, _ purpose: CAKeyPurpose, key: String? = nil, isForced: Bool = false, reason: String,
        issuing: Issuing? = nil
    ) {
        self.act = act
        self.purpose = purpose
        self.key = key
        self.isForced = isForced
        self.reason = reason
        self.issuing = issuing
    }
}
