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
    private let subject: DistinguishedName
    private let names: SubjectAlternativeNames?

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
        subject = parsed.subject
        names = try? parsed.extensions.subjectAlternativeNames
    }

    /// Whether both are of one person, or of a workload of which the same is known. The service names people in the subject; a workload
    /// has none, but a digest of its claims beside it.
    func isOfSameIdentity(as other: Session) -> Bool {
        guard subject.isEmpty, other.subject.isEmpty else { return subject == other.subject }
        return names != nil && names == other.names
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
