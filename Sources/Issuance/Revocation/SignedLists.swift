// SPDX-License-Identifier: Apache-2.0

import SSHCertificates
package import X509Certificates

extension X509Authority {
    /// A list of this CA: built, its final bytes held against what was intended, then signed.
    package func signedList(
        _ profile: RevocationListProfile, _ entries: RevokedEntries
    ) async throws -> SignedRevocationList {
        let unsigned = try UnsignedRevocationList(profile, entries: entries, issuer: certificate)
        try RevocationListLinter.check(unsigned.toBeSigned, says: profile, entries: entries, issuer: certificate)
        return try unsigned.signed(
            try await signer.sign(unsigned.toBeSigned, with: SignatureAlgorithm(unsigned.signatureAlgorithm)))
    }
}

extension SSHAuthority {
    /// Armored SSHSIG (PROTOCOL.sshsig) of this CA's key over the bytes of the list.
    func signature(over list: KeyRevocationList) async throws -> String {
        let algorithm = preferredAlgorithm
        let signed = try await signer.sign(try list.bytesToSign(), with: algorithm)
        return try SSHSIG(
            publicKey: publicKey, namespace: KeyRevocationList.signatureNamespace, hash: .sha512,
            signature: SSHSignature(x509Encoded: signed, algorithm: algorithm.ssh)
        ).armored
    }
}
