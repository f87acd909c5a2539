// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import SwiftASN1
import X509

/// A session: its certificate and the key that was made for it. Both lie in one file, so that they are always of one login.
package struct Session: Sendable {
    package let key: SessionKey
    /// PEM.
    package let certificate: String
    /// The last second of the certificate.
    package let expiresAt: Date

    /// - Throws: `unexpectedReply` when the certificate is none, or for another key.
    package init(key: SessionKey, certificate: String) throws(ClientError) {
        let parsed: Certificate
        do {
            parsed = try Certificate(pemEncoded: certificate)
        } catch {
            throw .unexpectedReply("the session certificate is damaged")
        }
        guard key.isCertified(by: parsed) else { throw .certificateOfOtherKey }
        self.key = key
        self.certificate = certificate
        expiresAt = parsed.notValidAfter
    }

    init(parsing text: String, path: String) throws(ClientError) {
        do {
            let documents = try PEMDocument.parseMultiple(pemString: text)
            guard documents.count == 2 else { throw ClientError.damaged(path: path) }
            try self.init(
                key: try SessionKey(pem: documents[1].pemString), certificate: documents[0].pemString + "\n")
        } catch {
            throw .damaged(path: path)
        }
    }

    var text: String {
        certificate + (certificate.hasSuffix("\n") ? "" : "\n") + key.pem + "\n"
    }
}
