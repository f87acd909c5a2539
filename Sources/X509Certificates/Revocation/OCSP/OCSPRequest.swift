// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// Which certificates a client asks about (RFC 6960 §4.1). Who asks is not looked at, and neither is a signature: status is
/// told to everybody.
package struct OCSPRequest: Hashable, Sendable {
    /// At least one, in the order of the request.
    package let certificates: [CertificateID]
    package let nonce: OCSPNonce?

    package static let maximumBytes = 8192
    package static let maximumCertificates = 20

    /// - Parameter der: a body, or what the path of a GET says in base64.
    /// - Throws: `OCSPRequestError`, to be answered with `malformedRequest`.
    package init(der: [UInt8]) throws(OCSPRequestError) {
        guard der.count <= Self.maximumBytes else { throw .tooLarge(limit: Self.maximumBytes) }
        self = try decoding(orThrow: OCSPRequestError.malformed) {
            try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
                let request = try Self(nodes.required())
                if let signature = nodes.next() { try Self.skipSignature(signature.explicit(0)) }
                return request
            }
        }
    }

    private init(_ node: ASN1Node) throws {
        (certificates, nonce) = try DER.sequence(node, identifier: .sequence) { nodes in
            var next = try nodes.required()
            // Version 1 is the default, which DER leaves out; there is no other.
            guard next.identifier != .context(0) else { throw OCSPRequestError.version }
            if next.identifier == .context(1) {
                _ = try next.explicit(1)  // requestorName
                next = try nodes.required()
            }
            let certificates = try Self.certificates(next)
            let nonce = try nodes.next().flatMap { try Self.nonce($0.explicit(2)) }
            return (certificates, nonce)
        }
    }

    private static func certificates(_ node: ASN1Node) throws -> [CertificateID] {
        let requests = try node.elements(.sequence)
        guard !requests.isEmpty else { throw UnexpectedDER() }
        guard requests.count <= maximumCertificates else {
            throw OCSPRequestError.tooManyCertificates(limit: maximumCertificates)
        }
        return try requests.map { request in
            try DER.sequence(request, identifier: .sequence) { nodes in
                let certificate = try CertificateID(nodes.required())
                if let extensions = nodes.next() { _ = try fields(extensions.explicit(0), understood: []) }
                return certificate
            }
        }
    }

    private static func nonce(_ node: ASN1Node) throws -> OCSPNonce? {
        try fields(node, understood: [.ocspNonce]).first { $0.identifier == .ocspNonce }.map {
            try OCSPNonce(extensionValue: $0.value)
        }
    }

    /// Extensions that are unknown are ignored unless they are critical (RFC 6960 §4.1.2).
    private static func fields(_ node: ASN1Node, understood: Set<ASN1ObjectIdentifier>) throws -> [ExtensionField] {
        let fields = try ExtensionField.list(node) { OCSPRequestError.duplicateExtension($0.description) }
        if let unknown = fields.first(where: { $0.isCritical && !understood.contains($0.identifier) }) {
            throw OCSPRequestError.unknownCriticalExtension(unknown.identifier.description)
        }
        return fields
    }

    /// `Signature`: its outer form only.
    private static func skipSignature(_ node: ASN1Node) throws {
        try DER.sequence(node, identifier: .sequence) { nodes in
            guard try nodes.required().identifier == .sequence else { throw UnexpectedDER() }
            _ = try nodes.required().wholeBytes()
            if let certificates = nodes.next() { _ = try certificates.explicit(0) }
        }
    }
}

package enum OCSPRequestError: Error, Hashable, CustomStringConvertible {
    case tooLarge(limit: Int)
    case malformed
    case version
    case tooManyCertificates(limit: Int)
    /// By object identifier.
    case unsupportedHash(String)
    /// RFC 9654 §2.1: refused, not cut.
    case nonceLength
    case duplicateExtension(String)
    case unknownCriticalExtension(String)

    package var description: String {
        switch self {
        case .tooLarge(let limit): "the OCSP request is larger than \(limit) bytes"
        case .malformed: "the OCSP request is not one in DER"
        case .version: "the OCSP request states its version, which is 1 where it is left out"
        case .tooManyCertificates(let limit): "the OCSP request asks about more than \(limit) certificates"
        case .unsupportedHash(let identifier): "the OCSP request names the CA by the hash `\(identifier)`; use SHA-1 or SHA-256"
        case .nonceLength: "the OCSP request's nonce has not 1 to 128 bytes"
        case .duplicateExtension(let identifier): "the OCSP request has the extension `\(identifier)` twice"
        case .unknownCriticalExtension(let identifier):
            "the OCSP request has the critical extension `\(identifier)`, which is not supported"
        }
    }
}
