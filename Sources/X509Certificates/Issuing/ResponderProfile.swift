// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Everything that the certificate of an OCSP responder will say. It is issued by the CA whose certificates it answers for
/// (RFC 6960 §4.2.2.2), and relying parties do not ask whether it was revoked (`id-pkix-ocsp-nocheck`).
package struct ResponderProfile: Hashable, Sendable {
    package let serial: SerialNumber
    package let commonName: CommonName
    package let publicKey: SubjectPublicKey
    let validity: Validity

    /// A stolen key is of use until its certificate ends; 7 days are what CA/B Forum calls short-lived.
    package static let maximumLifetime: Duration = .seconds(7 * 86_400)

    /// - Throws: `ProfileError.responderLivesTooLong` above `maximumLifetime`.
    package init(
        serial: SerialNumber, notBefore: Date, notAfter: Date, commonName: String, publicKey: SubjectPublicKey
    ) throws(ProfileError) {
        validity = try Validity(notBefore: notBefore, notAfter: notAfter)
        // The last second counts too (RFC 5280 §4.1.2.5).
        let seconds = validity.notAfter.secondsSince1970 - validity.notBefore.secondsSince1970 + 1
        guard .seconds(seconds) <= Self.maximumLifetime else { throw .responderLivesTooLong }
        do throws(NameError) {
            self.commonName = try CommonName(commonName)
        } catch {
            throw .name(error)
        }
        self.serial = serial
        self.publicKey = publicKey
    }

    package var notBefore: Date { validity.notBefore.date }
    package var notAfter: Date { validity.notAfter.date }
}
