// SPDX-License-Identifier: Apache-2.0
package import Issuance
import SystemPackage

/// Why a key or passphrase file cannot be read, written or used. `path` is the path as the caller gave it.
package enum KeyError: Error, Equatable {
    // Files
    case missing(path: String)
    case alreadyExists(path: String)
    case notRegular(path: String)
    /// `mode`: the permission bits.
    case tooOpen(path: String, mode: UInt32)
    case foreignOwner(path: String, uid: UInt32)
    /// `limit`: bytes.
    case tooLarge(path: String, limit: Int)
    case empty(path: String)
    case system(path: String, operation: String, errno: Int32)
    // Passphrase files
    case notOneLine(path: String)
    // Key files
    case badPEM(path: String, PEMError)
    case notEncrypted(path: String)
    case notPKCS8(path: String, label: String)
    case malformed(path: String)
    case unsupportedEncryption(path: String)
    case wrongPassphrase(path: String)
    case unsupportedKey(path: String, kind: String)
    case selfTestFailed(path: String)
    case mismatch(path: String)
    // Keys
    case unsupportedAlgorithm(SignatureAlgorithm, key: KeyAlgorithm)
    case unusableKeyGenerated(KeyAlgorithm)
    case signingFailed(SignatureAlgorithm)
    case library(OpenSSLError)
}

extension KeyError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let path): "`\(path)` does not exist"
        case .alreadyExists(let path): "`\(path)` exists already; hint: keys are never overwritten, move it away first"
        case .notRegular(let path): "`\(path)` is not a regular file"
        case .tooOpen(let path, let mode):
            "`\(path)` can be used by others (mode \(octal(mode))); hint: chmod 600 \(path)"
        case .foreignOwner(let path, let uid):
            "`\(path)` belongs to another user (uid \(uid)); hint: it must belong to the user that runs mayfly, or to root"
        case .tooLarge(let path, let limit): "`\(path)` is larger than \(limit) bytes"
        case .empty(let path): "`\(path)` is empty"
        case .system(let path, let operation, let errno):
            "cannot \(operation) `\(path)`: \(Errno(rawValue: errno).description.lowercased())"
        case .notOneLine(let path): "`\(path)` is not one line of text without control characters"
        case .badPEM(let path, let error): "`\(path)` \(error)"
        case .notEncrypted(let path):
            "`\(path)` holds a key that is not encrypted; hint: openssl pkcs8 -topk8 -v2 aes-256-cbc -in \(path)"
        case .notPKCS8(let path, let label):
            "`\(path)` holds a `\(label)`, not an `\(KeyFile.label)`; hint: openssl pkcs8 -topk8 -v2 aes-256-cbc"
        case .malformed(let path):
            "`\(path)` is not an encrypted PKCS #8 key in DER; hint: openssl pkcs8 -topk8 -v2 aes-256-cbc, unless it is damaged"
        case .unsupportedEncryption(let path):
            "`\(path)` is encrypted by a scheme that is not PBES2 with AES-CBC; hint: openssl pkcs8 -topk8 -v2 aes-256-cbc"
        case .wrongPassphrase(let path): "`\(path)` cannot be decrypted: the passphrase is wrong or the file is damaged"
        case .unsupportedKey(let path, let kind):
            "`\(path)` holds a key of an unsupported kind (\(kind)); hint: one of \(supportedKinds), "
                + "EC keys with named curve and uncompressed point, RSA keys with exponent 65537"
        case .selfTestFailed(let path): "`\(path)` is damaged: what it signs does not verify under its own public key"
        case .mismatch(let path): "`\(path)` holds another key than the certificates and configuration expect"
        case .unsupportedAlgorithm(let algorithm, let key): "an `\(key.rawValue)` key cannot sign with `\(algorithm.rawValue)`"
        case .unusableKeyGenerated(let algorithm): "libcrypto generated an `\(algorithm.rawValue)` key that fails its self-test"
        case .signingFailed(let algorithm): "the key could not sign with `\(algorithm.rawValue)`"
        case .library(let error): error.description
        }
    }

    private var supportedKinds: String { KeyAlgorithm.allCases.map(\.rawValue).joined(separator: ", ") }

    private func octal(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
