// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// A CA private key on disk: one PEM block of encrypted PKCS #8 (RFC 7468 §11), mode 0600.
///
/// How dear the key derivation is depends on the passphrase: 2,048 rounds of PBKDF2-HMAC-SHA256 (0.8 ms) for one of 256 random
/// bits, scrypt (0.25 s) for one that a person chose. Loading takes whatever of the two the file names.
package enum KeyFile {
    static let label = "ENCRYPTED PRIVATE KEY"
    /// An RSA-4096 key takes 3.4 kB.
    private static let maximumBytes = 65_536

    /// Never replaces a file.
    package static func write(
        _ key: CAKey, to path: String, passphrase: borrowing Passphrase
    ) throws(KeyError) {
        let bytes: [UInt8]
        do { bytes = try EncryptedPKCS8.encrypt(key.handle, passphrase) } catch { throw .library(error) }
        let text = PEM.encode(bytes, label: label)
        try PrivateFile.create(path) { file in try file.writeAll(text) }
    }

    /// - Parameter expected: the `SubjectPublicKeyInfo` that the key must have, as its certificate or public file says.
    /// - Throws: a `KeyError` that names the file; the key is usable if this returns (it has signed and verified).
    package static func load(
        _ path: String, passphrase: borrowing Passphrase, expecting expected: [UInt8]? = nil
    ) throws(KeyError) -> CAKey {
        let der = try readDER(path)
        let handle: PrivateKeyHandle
        do throws(EncryptedPKCS8.Refusal) {
            handle = try EncryptedPKCS8.decrypt(der, passphrase)
        } catch {
            throw KeyError(error, path)
        }
        let key: CAKey
        do throws(CAKey.Refusal) {
            key = try CAKey(handle)
        } catch {
            throw KeyError(error, path)
        }
        if let expected, expected != key.subjectPublicKeyInfo { throw .mismatch(path: path) }
        return key
    }

    private static func readDER(_ path: String) throws(KeyError) -> [UInt8] {
        let text = try PrivateFile.read(path, limit: maximumBytes)
        do throws(PEMError) {
            return try PEM.decode(text.withSpan { span in span.indices.map { span[$0] } }, label: label)
        } catch {
            switch error {
            case .otherLabel("PRIVATE KEY"): throw .notEncrypted(path: path)
            case .otherLabel(let label): throw .notPKCS8(path: path, label: label)
            default: throw .badPEM(path: path, error)
            }
        }
    }
}

extension KeyError {
    fileprivate init(_ refusal: EncryptedPKCS8.Refusal, _ path: String) {
        self =
            switch refusal {
            case .malformed: .malformed(path: path)
            case .unsupportedEncryption: .unsupportedEncryption(path: path)
            case .wrongPassphrase: .wrongPassphrase(path: path)
            case .unsupportedKey(let kind): .unsupportedKey(path: path, kind: kind)
            }
    }

    fileprivate init(_ refusal: CAKey.Refusal, _ path: String) {
        self =
            switch refusal {
            case .unsupported(let kind): .unsupportedKey(path: path, kind: kind)
            case .selfTestFailed: .selfTestFailed(path: path)
            case .library(let error): .library(error)
            }
    }
}
