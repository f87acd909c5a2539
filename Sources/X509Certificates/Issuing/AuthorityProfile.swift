// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Everything that a CA certificate will say.
package struct AuthorityProfile: Hashable, Sendable {
    package let serial: SerialNumber
    package let commonName: CommonName
    package let publicKey: SubjectPublicKey
    /// How many CA certificates may stand between this one and an end entity: 1 for a root with issuing CAs, 0 for an
    /// issuing CA, and for the service CA, which signs end entities with its root.
    package let pathLength: Int
    let validity: Validity

    /// - Parameter pathLength: 0 to 8.
    package init(
        serial: SerialNumber, notBefore: Date, notAfter: Date, commonName: String, publicKey: SubjectPublicKey,
        pathLength: Int
    ) throws(ProfileError) {
        validity = try Validity(notBefore: notBefore, notAfter: notAfter)
        do throws(NameError) {
            self.commonName = try CommonName(commonName)
        } catch {
            throw .name(error)
        }
        guard (0...8).contains(pathLength) else { throw .pathLength }
        self.serial = serial
        self.publicKey = publicKey
        self.pathLength = pathLength
    }

    package var notBefore: Date { validity.notBefore.date }
    package var notAfter: Date { validity.notAfter.date }
}
