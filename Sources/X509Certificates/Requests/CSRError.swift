// SPDX-License-Identifier: Apache-2.0

/// Why a certificate signing request is refused.
package enum CSRError: Error, Hashable, CustomStringConvertible {
    case tooLarge(limit: Int)
    case pem(PEMError)
    case malformed
    case version
    case publicKey(PublicKeyError)
    /// By name where it is known, else by object identifier.
    case unsupportedSignature(String)
    /// The self-signature is not one by the key of the request: forged, damaged, or made with another key.
    case wrongSignature
    case severalCommonNames
    case name(NameError)
    case unsupportedName(GeneralNameKind)
    /// By object identifier.
    case duplicateAttribute(String)
    case duplicateExtension(String)
    case unknownCriticalExtension(String)
    case asksForCA
    case asksForSigningUsage

    package var description: String {
        switch self {
        case .tooLarge(let limit): "the request is larger than \(limit) bytes"
        case .pem(let error): "the request \(error)"
        case .malformed: "the request is not a PKCS#10 certificate signing request in DER"
        case .version: "the request's version is not 1"
        case .publicKey(let error): error.description
        case .unsupportedSignature(let name):
            "the request is signed by `\(name)`; sign it by Ed25519, or by ECDSA or RSA PKCS#1 with SHA-256, SHA-384 or SHA-512"
        case .wrongSignature: "the request is not signed by the key that it is for"
        case .severalCommonNames: "the request has more than one common name"
        case .name(let error): "the request names what no certificate gets: \(error)"
        case .unsupportedName(let kind):
            "the request has a `\(kind)`; only DNS names, IP addresses, e-mail addresses and URIs are issued"
        case .duplicateAttribute(let identifier): "the request has the attribute `\(identifier)` twice"
        case .duplicateExtension(let identifier): "the request has the extension `\(identifier)` twice"
        case .unknownCriticalExtension(let identifier):
            "the request has the critical extension `\(identifier)`, which is not supported"
        case .asksForCA: "the request asks for a CA certificate"
        case .asksForSigningUsage: "the request asks for the right to sign certificates or revocation lists"
        }
    }
}
