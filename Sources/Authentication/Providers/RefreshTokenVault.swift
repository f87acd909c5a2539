// SPDX-License-Identifier: Apache-2.0

package import Crypto
import FoundationEssentials
import OpenIDConnect

/// Refresh tokens as they lie in the database: encrypted with a key that does not, each for its session. In the place of another
/// session's it is nothing.
package struct RefreshTokenVault: Sendable {
    private let key: SymmetricKey

    package init(key: SymmetricKey) {
        self.key = key
    }

    /// AES-256-GCM: nonce, ciphertext, tag.
    func sealed(_ token: RefreshToken, of session: String, provider: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(Data(token.text.utf8), using: key, authenticating: Self.place(session, provider))
        guard let combined = box.combined else { throw CryptoKitError.incorrectParameterSize }
        return Array(combined)
    }

    /// Nil for what was not sealed here, with this key and for this session.
    func opened(_ bytes: [UInt8], of session: String, provider: String) -> RefreshToken? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes),
            let text = try? AES.GCM.open(box, using: key, authenticating: Self.place(session, provider))
        else { return nil }
        return RefreshToken(String(decoding: text, as: UTF8.self))
    }

    private static func place(_ session: String, _ provider: String) -> Data {
        Data("mayfly refresh token 1\n\(provider)\n\(session)".utf8)
    }
}
