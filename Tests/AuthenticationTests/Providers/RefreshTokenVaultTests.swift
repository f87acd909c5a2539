// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import OpenIDConnect
import Testing

@testable import Authentication

/// Refresh tokens at rest.
@Suite struct RefreshTokenVaultTests {
    private let token = RefreshToken("0.AXoA-secret")

    @Test func `it is read with its key, for its session and provider, and not otherwise`() throws {
        let vault = RefreshTokenVault(key: SymmetricKey(size: .bits256))
        let token = try #require(token)
        let sealed = try vault.sealed(token, of: "0a", provider: "corp")
        #expect(vault.opened(sealed, of: "0a", provider: "corp") == token)
        #expect(vault.opened(sealed, of: "0b", provider: "corp") == nil)
        #expect(vault.opened(sealed, of: "0a", provider: "corp2") == nil)
        #expect(RefreshTokenVault(key: SymmetricKey(size: .bits256)).opened(sealed, of: "0a", provider: "corp") == nil)
        #expect(try vault.sealed(token, of: "0a", provider: "corp") != sealed, "two of the same text do not look the same")
        #expect(String(decoding: sealed, as: UTF8.self).contains("secret") == false)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(vault.opened(changed, of: "0a", provider: "corp") == nil, "at \(index)")
            #expect(vault.opened(Array(sealed[..<index]), of: "0a", provider: "corp") == nil, "up to \(index)")
        }
    }

    @Test func `it does not print itself`() throws {
        let token = try #require(token)
        var text = ""
        dump(token, to: &text)
        text += "\(token) \(String(reflecting: token)) \([token])"
        #expect(!text.contains("secret"), "\(text)")
        #expect(RefreshToken("") == nil && RefreshToken("a\nb") == nil)
        #expect(RefreshToken(String(repeating: "a", count: 8193)) == nil)
    }
}
