// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// A `ResponseData` (RFC 6960 §4.2.1), taken apart strictly: only what our responses can say. It shares no code with what
/// writes responses.
struct OCSPResponseFields {
    struct Answer {
        let certificate: CertificateID
        let claim: OCSPAnswer.Claim
        let thisUpdate: CertificateTime
        let nextUpdate: CertificateTime
    }

    let keyHash: ArraySlice<UInt8>
    let producedAt: CertificateTime
    let answers: [Answer]
    let nonce: OCSPNonce?

    /// - Throws: `OCSPResponseLintError` or an error of the encoding.
    init(_ node: ASN1Node) throws {
        (keyHash, producedAt, answers, nonce) = try DER.sequence(node, identifier: .sequence) { nodes in
            (
                try nodes.required().explicit(2).primitive(.octetString),
                try CertificateTime(generalizedTime: nodes.required()),
                try nodes.required().elements(.sequence).map { try Self.answer($0) },
                try nodes.next().map { try Self.nonce($0.explicit(1)) }
            )
        }
    }

    private static func answer(_ node: ASN1Node) throws -> Answer {
        try DER.sequence(node, identifier: .sequence) { nodes in
            Answer(
                certificate: try CertificateID(nodes.required()), claim: try claim(nodes.required()),
                thisUpdate: try CertificateTime(generalizedTime: nodes.required()),
                nextUpdate: try CertificateTime(generalizedTime: nodes.required().explicit(0)))
        }
    }

    private static func claim(_ node: ASN1Node) throws -> OCSPAnswer.Claim {
        switch node.identifier {
        case .context(0), .context(2):
            guard try node.primitive(node.identifier).isEmpty else { throw UnexpectedDER() }
            return node.identifier == .context(0) ? .good : .unknown
        default:
            return try DER.sequence(node, identifier: .context(1)) { nodes in
                let time = try CertificateTime(generalizedTime: nodes.required())
                return .revoked(time, try nodes.next().map { try reason($0.explicit(0)) } ?? .unspecified)
            }
        }
    }

    private static func reason(_ node: ASN1Node) throws -> RevocationReason {
        let code = Array(try node.primitive(.enumerated))
        guard code.count == 1, let reason = RevocationReason(rawValue: code[0]), reason != .unspecified else {
            throw UnexpectedDER()
        }
        return reason
    }

    /// The only extension.
    private static func nonce(_ node: ASN1Node) throws -> OCSPNonce {
        let fields = try ExtensionField.list(node) { OCSPResponseLintError.unexpectedExtension($0.description) }
        if let other = fields.first(where: { $0.identifier != .ocspNonce || $0.isCritical }) {
            throw OCSPResponseLintError.unexpectedExtension(other.identifier.description)
        }
        guard let nonce = fields.first else { throw UnexpectedDER() }
        return try OCSPNonce(extensionValue: nonce.value)
    }
}
