// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not a key revocation list, or why one cannot be made.
package enum KeyRevocationListError: Error, Hashable, CustomStringConvertible, SSHWireFailure {
    case wire(SSHWireError)
    case notARevocationList
    case unknownFormat(UInt32)
    /// The flags or the reserved field of the header or of a certificate section hold something.
    case reservedNotEmpty
    case unknownSection(UInt8)
    case unknownCertificateSection(UInt8)
    case emptySection
    case unknownCriticalExtension(String)
    case invalidBoolean(field: String)
    /// Not UTF-8, or with control characters.
    case invalidText(field: String)
    case invalidFingerprint(bytes: Int)
    /// Serial 0 means "no serial" (PROTOCOL.krl); sshd never looks it up.
    case serialZero
    case invalidRange
    /// Bits beyond serial 2^64 - 1.
    case bitmapTooFar
    /// Serials to encode must increase strictly.
    case unorderedSerials
    case tooManySections(limit: Int)
    /// Signature sections stand at the end.
    case sectionAfterSignature

    package var description: String {
        switch self {
        case .wire(let error): "key revocation list: \(error)"
        case .notARevocationList: "not a key revocation list"
        case .unknownFormat(let version): "key revocation list has format \(version) instead of 1"
        case .reservedNotEmpty: "flags or reserved field are not empty"
        case .unknownSection(let type): "unknown section type \(type)"
        case .unknownCertificateSection(let type): "unknown certificate section type \(type)"
        case .emptySection: "a section revokes nothing"
        case .unknownCriticalExtension(let name): "unknown critical extension \(quoted(name))"
        case .invalidBoolean(let field): "\(field): neither 0 nor 1"
        case .invalidText(let field): "\(field): not UTF-8, or with control characters"
        case .invalidFingerprint(let bytes): "a fingerprint has \(bytes) bytes"
        case .serialZero: "serial 0 cannot be revoked by serial; revoke the key ID or the key"
        case .invalidRange: "a range of serials ends before it begins"
        case .bitmapTooFar: "a bitmap reaches beyond the largest serial"
        case .unorderedSerials: "serials do not increase"
        case .tooManySections(let limit): "more than \(limit) sections"
        case .sectionAfterSignature: "a section follows the signature"
        }
    }
}
