// SPDX-License-Identifier: Apache-2.0

package enum SSHSignatureError: Error, Hashable, CustomStringConvertible, SSHWireFailure {
    case wire(SSHWireError)
    case unknownAlgorithm(String)
    /// `ssh-rsa`: RSA with SHA-1.
    case sha1
    /// The signature is of another kind than the key.
    case keyMismatch(SSHSignatureAlgorithm, SSHKeyType)
    /// A length or number that no signature of this algorithm has.
    case malformed(SSHSignatureAlgorithm)
    /// Well-formed, but not made by this key over this message.
    case invalid(SSHSignatureAlgorithm)
    /// A security key signed without being touched.
    case userNotPresent

    package var description: String {
        switch self {
        case .wire(let error): "signature: \(error)"
        case .unknownAlgorithm(let name): "unknown signature algorithm \(quoted(name))"
        case .sha1: "signature uses RSA with SHA-1 (`ssh-rsa`); use `rsa-sha2-512`"
        case .keyMismatch(let algorithm, let type): "a `\(type.rawValue)` key does not make `\(algorithm.rawValue)` signatures"
        case .malformed(let algorithm): "malformed `\(algorithm.rawValue)` signature"
        case .invalid: "signature does not verify"
        case .userNotPresent: "security key was not touched"
        }
    }
}
