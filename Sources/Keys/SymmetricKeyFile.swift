// SPDX-License-Identifier: Apache-2.0

package import Crypto
import FoundationEssentials
import SystemPackage

/// A file with the key that something is encrypted with at rest: 256 random bits in base64, readable by its owner alone.
package enum SymmetricKeyFile {
    private static let length = 32  // bytes

    /// Reads the key; makes the file where there is none.
    /// - Throws: the file errors of `KeyError`, `.malformed` for anything but such a key. What is there is never replaced.
    package static func readOrCreate(_ path: String) throws(KeyError) -> SymmetricKey {
        do {
            return try read(path)
        } catch .missing {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max) }
            do {
                try PrivateFile.create(path) { try $0.writeAll(Array((Data(bytes).base64EncodedString() + "\n").utf8)) }
            } catch .alreadyExists {
                // Another process of this CA was quicker.
            }
            return try read(path)
        }
    }

    private static func read(_ path: String) throws(KeyError) -> SymmetricKey {
        guard let bytes = Data(base64Encoded: try SecretText.read(path)), bytes.count == length else {
            throw .malformed(path: path)
        }
        return SymmetricKey(data: bytes)
    }
}
