// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// What a certificate is good for in TLS.
package enum CertificateUsage: String, Sendable, CaseIterable {
    case client
    case server
}

/// Everything that an end-entity certificate will say. It is what the linter holds the final bytes against.
package struct CertificateProfile: Hashable, Sendable {
    package let serial: SerialNumber
    package let subject: Subject
    package let names: SubjectNames
    package let usage: Set<CertificateUsage>
    package let publicKey: SubjectPublicKey
    package let statusSource: StatusSource
    let validity: Validity

    /// - Parameters:
    ///   - notAfter: the last second in which it is accepted; whole seconds, like `notBefore`.
    ///   - usage: not empty.
    package init(
        serial: SerialNumber, notBefore: Date, notAfter: Date, commonName: String?, organizations: [String] = [],
        names: SubjectNames, usage: Set<CertificateUsage>, publicKey: SubjectPublicKey,
        statusSource: StatusSource = .unstated
    ) throws(ProfileError) {
        validity = try Validity(notBefore: notBefore, notAfter: notAfter)
        do throws(NameError) {
            subject = try Subject(commonName: commonName, organizations: organizations)
        } catch {
            throw .name(error)
        }
        guard !usage.isEmpty else { throw .noUsage }
        guard commonName != nil || !names.isEmpty else { throw .noName }
        guard !usage.contains(.server) || !(names.dns.isEmpty && names.ips.isEmpty && names.uris.isEmpty) else {
            throw .serverWithoutAlternativeName
        }
        self.serial = serial
        self.names = names
        self.usage = usage
        self.publicKey = publicKey
        self.statusSource = statusSource
    }

    package var notBefore: Date { validity.notBefore.date }
    package var notAfter: Date { validity.notAfter.date }

    /// As `Subject.described`, then the alternative names as `SubjectNames.described` has them.
    package var describedNames: [String] { subject.described + names.described }
}
