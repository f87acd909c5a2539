// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// What a certificate says that was presented in a TLS handshake, which has verified its signature.
package struct PresentedCertificate: Hashable, Sendable {
    package let serial: SerialNumber
    /// The only common name of the subject; nil where there is none or several.
    package let commonName: String?

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
        self.serial = serial
        commonName = attributes.count == 1 && attributes[0].identifier == NameAttribute.commonName ? attributes[0].text : nil
    }
}
