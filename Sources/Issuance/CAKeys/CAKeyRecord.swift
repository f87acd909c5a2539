// SPDX-License-Identifier: Apache-2.0

import Crypto

package import struct FoundationEssentials.Date

/// What a CA key signs. A key signs for one purpose.
package enum CAKeyPurpose: String, Sendable, CaseIterable {
    case sshUser = "ssh-user"
    case sshHost = "ssh-host"
    /// X.509 certificates of workloads.
    case issuing
}

/// Where a CA key stands. It goes forward only.
package enum CAKeyState: String, Sendable, CaseIterable {
    /// Published, so that it is trusted everywhere before it signs anything.
    case prepared
    /// Signs. There is one for each purpose.
    case active
    /// Published for the certificates it signed; signs no more of them.
    case retiring
    /// Published no more.
    case retired
    /// Refused, with all that it signed.
    case revoked

    package var isPublished: Bool { [.prepared, .active, .retiring].contains(self) }
}

/// A CA key on record. Keys that `init` made get there with the first rotation; before, they are active and not on record.
package struct CAKeyRecord: Sendable, Equatable {
    package var purpose: CAKeyPurpose
    /// `SHA256:…`, as certificates on record name their issuer.
    package var fingerprint: String
    /// DER.
    package var subjectPublicKeyInfo: [UInt8]
    /// DER of the CA certificate; nil for SSH.
    package var certificate: [UInt8]?
    package var state: CAKeyState
    /// nil: `init` made it.
    package var preparedAt: Date?
    /// Since when it is in this state; nil: since `init`.
    package var changedAt: Date?

    /// What its revocation list is called where it is published: that of the first issuing CA is `issuing`.
    package var listName: String {
        guard preparedAt != nil else { return "issuing" }
        return "issuing-" + SHA256.hash(data: subjectPublicKeyInfo).prefix(8).hexadecimal
    }

    package init(
        purpose: CAKeyPurpose, fingerprint: String, subjectPublicKeyInfo: [UInt8], certificate: [UInt8]?, state: CAKeyState,
        preparedAt: Date?, changedAt: Date?
    ) {
        self.purpose = purpose
        self.fingerprint = fingerprint
        self.subjectPublicKeyInfo = subjectPublicKeyInfo
        self.certificate = certificate
        self.state = state
        self.preparedAt = preparedAt
        self.changedAt = changedAt
    }
}
