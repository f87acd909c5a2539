// SPDX-License-Identifier: Apache-2.0

/// Why bytes or text are not a public key that may be used here.
package enum SSHKeyError: Error, Hashable, CustomStringConvertible, SSHWireFailure {
    case wire(SSHWireError)
    case isCertificate(String)
    case obsoleteType(String)
    case unknownType(String)
    case curveMismatch(SSHKeyType, curve: String)
    case invalidPoint(SSHKeyType)
    case rsaTooWeak(bits: Int)
    case rsaTooLarge(bits: Int)
    case rsaInvalidModulus
    /// Even, below 65537, or of more than 32 bits.
    case rsaInvalidExponent
    case emptyApplication
    case looksLikePEM
    case lineTooLong(limit: Int)
    case controlCharacter
    /// Not `type base64 comment`.
    case malformedLine
    case hasOptions
    case invalidBase64
    /// The name before the base64 is not the one inside.
    case typeMismatch(line: String, blob: String)
    case invalidComment
    /// The DER is not a canonical `SubjectPublicKeyInfo` of a supported algorithm.
    case unsupportedSubjectPublicKeyInfo

    package var description: String {
        switch self {
        case .wire(let error): "public key: \(error)"
        case .isCertificate(let name): "this is a certificate (\(quoted(name))); give the plain public key"
        case .obsoleteType(let name): "keys of type \(quoted(name)) are broken; make one with `ssh-keygen -t ed25519`"
        case .unknownType(let name): "unknown key type \(quoted(name)); make a key with `ssh-keygen -t ed25519`"
        case .curveMismatch(let type, let curve): "a key of type `\(type.rawValue)` names the curve \(quoted(curve))"
        case .invalidPoint(let type): "the `\(type.rawValue)` key is not a usable point of its curve"
        case .rsaTooWeak(let bits):
            "RSA key has \(bits) bits, \(SSHLimits.rsaBits.lowerBound) are needed; make one with `ssh-keygen -t ed25519`"
        case .rsaTooLarge(let bits): "RSA key has \(bits) bits, at most \(SSHLimits.rsaBits.upperBound) are supported"
        case .rsaInvalidModulus: "RSA modulus is even"
        case .rsaInvalidExponent: "RSA exponent is even, below 65537 or too large"
        case .emptyApplication: "security key has no application"
        case .looksLikePEM: "this is a PEM file, perhaps a private key; give the line of the `.pub` file"
        case .lineTooLong(let limit): "line is longer than \(limit) bytes"
        case .controlCharacter: "line contains a control character; give exactly one line"
        case .malformedLine: "line is not `type base64 comment`"
        case .hasOptions: "line begins with options; give only `type base64 comment`"
        case .invalidBase64: "key is not canonical base64"
        case .typeMismatch(let line, let blob): "line says \(quoted(line)) but the key inside is \(quoted(blob))"
        case .invalidComment: "comment contains a control character or is longer than \(SSHLimits.comment) bytes"
        case .unsupportedSubjectPublicKeyInfo: "public key is not Ed25519, P-256, P-384, P-521 or RSA in canonical DER"
        }
    }
}
