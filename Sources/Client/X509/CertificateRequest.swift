// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
import X509

/// What a PKCS#10 request asks for. Its subject is empty: the policy gives common names.
package struct CertificateRequest: Sendable {
    package enum Name: Hashable, Sendable {
        case dns(String)
        /// Four bytes or sixteen.
        case address([UInt8])
        case email(String)
        case uri(String)
    }

    package let names: [Name]

    package init(names: [Name]) {
        self.names = names
    }

    /// PEM.
    func pem(signedBy key: Certificate.PrivateKey) throws -> String {
        let request = try CertificateSigningRequest(
            version: .v1, subject: DistinguishedName(), privateKey: key, attributes: try attributes)
        return try request.serializeAsPEM().pemString
    }

    private var attributes: CertificateSigningRequest.Attributes {
        get throws {
            guard !names.isEmpty else { return .init() }
            let extensions = try Certificate.Extensions { SubjectAlternativeNames(names.map(\.general)) }
            return try .init([.init(ExtensionRequest(extensions: extensions))])
        }
    }
}

extension CertificateRequest.Name {
    var general: GeneralName {
        switch self {
        case .dns(let name): .dnsName(name)
        case .address(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        case .email(let address): .rfc822Name(address)
        case .uri(let uri): .uniformResourceIdentifier(uri)
        }
    }
}
