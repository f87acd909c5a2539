// SPDX-License-Identifier: Apache-2.0

/// Why something is not, or must not become, a certificate of this CA.
package enum SSHCertificateError: Error, Hashable, CustomStringConvertible, SSHWireFailure {
    case wire(SSHWireError)
    case line(SSHKeyError)
    case publicKey(SSHKeyError)
    case signatureKey(SSHKeyError)
    /// Only the CA keys of `Keys` sign certificates; a security key is none of them.
    case securityKeyAsCA
    case signature(SSHSignatureError)
    /// The type name is not that of a certificate for a supported key.
    case notACertificate(String)
    case nonceLength(Int)
    /// 0 cannot stand in a KRL, so it could not be revoked.
    case serialZero
    case unknownKind(UInt32)
    /// Empty, longer than 255 bytes or not printable ASCII.
    case invalidKeyID
    case noPrincipals
    case tooManyPrincipals
    case principalsTooLong
    case invalidPrincipal(String)
    /// A host certificate's principal is not a lower-case DNS name or an IP address.
    case invalidHostName(String)
    case emptyValidity
    case endlessValidity
    /// Names in a list are not ascending by bytes.
    case notOrdered(field: String, name: String)
    case duplicate(field: String, name: String)
    case unknownCriticalOption(String)
    case invalidForceCommand
    case invalidSourceAddress(String)
    case tooManySourceAddresses
    /// sshd checks `verify-required` only for security keys: with any other key it would promise what nobody enforces.
    case verifyRequiresSecurityKey(SSHKeyType)
    case invalidExtension(String)
    case tooManyExtensions
    /// An option without a value has one.
    case unexpectedValue(String)
    /// No options or extensions are defined for host certificates.
    case optionOnHostCertificate(String)
    case reservedNotEmpty

    package var description: String {
        switch self {
        case .wire(let error): "certificate: \(error)"
        case .line(let error): "certificate: \(error)"
        case .publicKey(let error): "certified key: \(error)"
        case .signatureKey(let error): "CA key: \(error)"
        case .securityKeyAsCA: "CA key is a security key; only Ed25519, ECDSA and RSA keys are CA keys"
        case .signature(let error): "certificate: \(error)"
        case .notACertificate(let name): "\(quoted(name)) is not a supported certificate type"
        case .nonceLength(let count): "nonce has \(count) bytes instead of \(SSHCertificateContents.nonceBytes)"
        case .serialZero: "serial is 0; serials start at 1"
        case .unknownKind(let kind): "certificate is for kind \(kind), neither user (1) nor host (2)"
        case .invalidKeyID: "key id is empty, longer than \(SSHLimits.keyID) bytes or not printable ASCII"
        case .noPrincipals: "there are no principals, which would mean any; name at least one"
        case .tooManyPrincipals: "more than \(SSHLimits.principals) principals"
        case .principalsTooLong: "principals need more than \(SSHLimits.principalList) bytes"
        case .invalidPrincipal(let name):
            "principal \(quoted(name)) is empty, too long, or has a comma, space or something that is not ASCII"
        case .invalidHostName(let name): "\(quoted(name)) is not a lower-case host name or an IP address"
        case .emptyValidity: "certificate ends before it begins"
        case .endlessValidity: "certificate never ends"
        case .notOrdered(let field, let name): "\(field): \(quoted(name)) is out of order"
        case .duplicate(let field, let name): "\(field): \(quoted(name)) appears twice"
        case .unknownCriticalOption(let name): "unknown critical option \(quoted(name))"
        case .invalidForceCommand:
            "`force-command` is empty, longer than \(SSHLimits.forceCommand) bytes or has control characters"
        case .invalidSourceAddress(let text):
            "`source-address` has \(quoted(text)); give an address or a range such as `10.0.0.0/8` with no bits after the prefix"
        case .tooManySourceAddresses: "`source-address` has more than \(SSHLimits.sourceAddresses) ranges"
        case .verifyRequiresSecurityKey(let type):
            "`verify-required` has no effect on a `\(type.rawValue)` key; use a security key (`ssh-keygen -t ed25519-sk`)"
        case .invalidExtension(let name): "invalid extension \(quoted(name))"
        case .tooManyExtensions:
            "extensions need more than \(SSHLimits.extensionCount) entries or \(SSHLimits.extensions) bytes"
        case .unexpectedValue(let name): "option \(quoted(name)) takes no value"
        case .optionOnHostCertificate(let name): "host certificates have no options, this one has \(quoted(name))"
        case .reservedNotEmpty: "reserved field is not empty"
        }
    }
}
