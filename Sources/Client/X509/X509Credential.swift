// SPDX-License-Identifier: Apache-2.0

import Crypto
package import ServiceAPI
import SwiftASN1
import X509

/// A key and its certificate in a folder: `key.pem`, `cert.pem`, and `chain.pem` with the issuing CA after the leaf.
///
/// A key that is there is used again and never replaced, so issuing into the same folder renews.
package struct X509Credential: Sendable {
    package let directory: String
    package let isNew: Bool
    /// PEM PKCS#10.
    package let request: String
    private let keyPEM: String?
    /// Unknown where the request came from elsewhere.
    private let publicKey: Certificate.PublicKey?

    package var keyPath: String { directory + "/key.pem" }
    package var certificatePath: String { directory + "/cert.pem" }
    package var chainPath: String { directory + "/chain.pem" }

    /// With the key in the folder, else a new P-256 key.
    package init(directory: String, asking request: CertificateRequest) throws(ClientError) {
        self.directory = directory
        let path = directory + "/key.pem"
        isNew = !AtomicFile.exists(path)
        do {
            let key =
                isNew
                ? Certificate.PrivateKey(P256.Signing.PrivateKey())
                : try Certificate.PrivateKey(pemEncoded: try AtomicFile.readText(path, isSecret: true))
            keyPEM = isNew ? try key.serializeAsPEM().pemString : nil
            publicKey = key.publicKey
            self.request = try request.pem(signedBy: key)
        } catch let error as ClientError {
            throw error
        } catch {
            throw .keyFile(path: path, reason: "not a private key in PEM without passphrase")
        }
    }

    /// For a request that was made elsewhere; the key stays where it is.
    package init(directory: String, request: String) {
        self.directory = directory
        self.request = request
        isNew = false
        keyPEM = nil
        publicKey = nil
    }

    /// The paths written.
    package func write(_ issued: IssuedCertificate) throws(ClientError) -> [String] {
        guard let leaf = try? Certificate(pemEncoded: issued.certificate) else {
            throw .unexpectedReply("the certificate is damaged")
        }
        guard publicKey == nil || leaf.publicKey == publicKey else { throw .certificateOfOtherKey }
        var chain = issued.certificate
        if !chain.hasSuffix("\n") { chain += "\n" }
        chain += issued.chain ?? ""
        // Servers that run as another user read the certificates; the key is closed to them by its own mode.
        try AtomicFile.createDirectory(directory, mode: 0o755)
        if let keyPEM { try AtomicFile.write(keyPEM + "\n", to: keyPath) }
        try AtomicFile.write(chain, to: chainPath, for: .everyone)
        try AtomicFile.write(issued.certificate, to: certificatePath, for: .everyone)
        return (keyPEM == nil ? [] : [keyPath]) + [certificatePath, chainPath]
    }
}
