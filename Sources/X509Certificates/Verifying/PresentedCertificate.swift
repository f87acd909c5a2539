// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
import X509

/// What a certificate says that was presented in a TLS handshake, which has verified its signature.
package struct PresentedCertificate: Hashable, Sendable {
    package let serial: SerialNumber
    /// The only common name of the subject; nil where there is none or several.
    package let commonName: String?
    /// The only alternative name, where that is a URI; nil where there is none.
    package let uri: String?

    /// Nil unless it is a certificate as our CAs write them.
    package init?(der: [UInt8]) {
        guard
            let fields = try? DER.sequence(
                DER.parse(der), identifier: .sequence,
                { nodes in
                    defer { while nodes.next() != nil {} }
                    return try CertificateFields(nodes.required())
                }), let serial = SerialNumber(magnitude: fields.serial),
            let attributes = try? NameAttribute.list(fields.subject)
        else { return nil }
        if let field = fields.extensions.first(where: { $0.identifier == .X509ExtensionID.subjectAlternativeName }) {
            // What is said besides would go unseen.
            guard let names = try? SubjectNames(generalNames: field.value), names.uris.count == 1,
                names.dns.isEmpty && names.ips.isEmpty && names.emails.isEmpty
            else { return nil }
            uri = names.uris.first?.text
        } else {
            uri = nil
        }
        self.serial = serial
        commonName = attributes.count == 1 && attributes[0].identifier == NameAttribute.commonName ? attributes[0].text : nil
    }
}
