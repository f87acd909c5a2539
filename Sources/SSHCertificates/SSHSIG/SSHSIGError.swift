// SPDX-License-Identifier: Apache-2.0

/// Why a file signature (PROTOCOL.sshsig) is not accepted.
package enum SSHSIGError: Error, Hashable, CustomStringConvertible, SSHWireFailure {
    case wire(SSHWireError)
    /// Not the armor `ssh-keygen -Y sign` writes.
    case malformedArmor
    case notASignature
    case unknownVersion(UInt32)
    case publicKey(SSHKeyError)
    /// Empty, longer than 255 bytes or not printable ASCII.
    case invalidNamespace
    case reservedNotEmpty
    case unknownHash(String)
    case signature(SSHSignatureError)
    /// Made for another purpose.
    case wrongNamespace(String)
    case keyNotAllowed(fingerprint: String)

    package var description: String {
        switch self {
        case .wire(let error): "SSH signature: \(error)"
        case .malformedArmor: "not an SSH signature in the armor of `ssh-keygen -Y sign`"
        case .notASignature: "not an SSH signature"
        case .unknownVersion(let version): "SSH signature has version \(version) instead of \(SSHSIG.version)"
        case .publicKey(let error): "signing key: \(error)"
        case .invalidNamespace: "namespace is empty, longer than \(SSHLimits.namespace) bytes or not printable ASCII"
        case .reservedNotEmpty: "reserved field is not empty"
        case .unknownHash(let name): "unknown hash \(quoted(name)); use `sha512` or `sha256`"
        case .signature(let error): "\(error)"
        case .wrongNamespace(let name): "signature was made for namespace \(quoted(name))"
        case .keyNotAllowed(let fingerprint): "signed with the key `\(fingerprint)`, which is not one of the expected keys"
        }
    }
}
