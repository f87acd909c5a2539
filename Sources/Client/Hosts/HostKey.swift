// SPDX-License-Identifier: Apache-2.0

import Crypto
package import FoundationEssentials
package import SSHCertificates
package import ServiceAPI

/// The private key by which clients know this host. It stays where it is; ssh-keygen signs with it.
package struct HostKey: Sendable {
    package let path: String
    package let publicKey: SSHPublicKey

    package init(path: String) throws(ClientError) {
        self.path = path
        publicKey = try SSHCredentialFiles.publicKey(inFile: path + ".pub")
    }

    /// The proof that this host asks `act` of the server, at this time and once.
    package func proof(of act: HostMessage.Act, service fingerprint: String, at now: Date) async throws -> HostSignature {
        let time = Int64(now.timeIntervalSince1970.rounded(.down))
        let nonce = (0..<16).map { _ in UInt8.random(in: .min ... .max) }.hexadecimal
        let message = HostMessage(serviceFingerprint: fingerprint, act: act, time: time, nonce: nonce)
        return HostSignature(
            time: time, nonce: nonce,
            signature: try await LoginSigner.file(path).signature(over: message.bytes, in: HostMessage.namespace))
    }

    /// SHA-256, hexadecimal: as `HostMessage` has digests.
    static func digest(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hexadecimal }
}
