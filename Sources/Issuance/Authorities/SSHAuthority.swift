// SPDX-License-Identifier: Apache-2.0

package import SSHCertificates

/// One SSH CA key and its serials. Users and hosts have a key each, so that no host certificate logs anyone in.
package struct SSHAuthority: Sendable {
    package let publicKey: SSHPublicKey
    let signer: any Signer
    let serials: SSHSerials

    package var issuer: String { publicKey.fingerprint }

    package init(signer: any Signer, store: any Store) throws {
        publicKey = try SSHPublicKey(subjectPublicKeyInfo: signer.subjectPublicKeyInfo)
        self.signer = signer
        serials = SSHSerials(store: store, issuer: publicKey.fingerprint)
    }
}
