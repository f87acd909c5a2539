// SPDX-License-Identifier: Apache-2.0

import Crypto
package import ServiceAPI
import SwiftASN1
import X509

/// What a folder asks a certificate for. A key that is there is used again and never replaced, so issuing into the same folder
/// renews.
package struct X509Credential: Sendable {
    package let isNew: Bool
    /// PEM PKCS#10.
    package let request: String
    private let folder: CredentialFolder
    /// Where it is new.
    private let keyPEM: String?
    /// Unknown where the request came from elsewhere.
    private let publicKey: Certificate.PublicKey?

    /// With the key in the folder, else a new P-256 key.
    package init(folder: CredentialFolder, asking request: CertificateRequest) throws(ClientError) {
        self.folder = folder
        isNew = !AtomicFile.exists(folder.keyPath)
        let key = isNew ? Certificate.PrivateKey(P256.Signing.PrivateKey()) : try folder.key()
        do {
            keyPEM = isNew ? try key.serializeAsPEM().pemString : nil
            publicKey = key.publicKey
            self.request = try request.pem(signedBy: key)
        } catch {
            throw .keyFile(path: folder.keyPath, reason: "it cannot sign")
        }
    }

    /// For a request that was made elsewhere; the key stays where it is.
    package init(folder: CredentialFolder, request: String) {
        self.folder = folder
        self.request = request
        isNew = false
        keyPEM = nil
        publicKey = nil
    }

    /// The paths written.
    package func write(_ issued: IssuedCertificate, _ files: DurableFiles = DurableFiles()) throws -> [String] {
        guard let leaf = try? Certificate(pemEncoded: issued.certificate) else {
            throw ClientError.unexpectedReply("the certificate is damaged")
        }
        guard publicKey == nil || leaf.publicKey == publicKey else { throw ClientError.certificateOfOtherKey }
        return try folder.install(
            chain: CredentialFolder.line(issued.certificate) + (issued.chain ?? ""), newKey: keyPEM, files)
    }
}
