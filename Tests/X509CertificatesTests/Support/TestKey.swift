// SPDX-License-Identifier: Apache-2.0
import Crypto
import CryptoExtras
import Foundation
import Testing

@testable import X509Certificates

/// A private key of swift-crypto, with signatures as X.509 has them.
struct TestKey: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let subjectPublicKeyInfo: [UInt8]
    let sign: @Sendable ([UInt8]) throws -> [UInt8]

    var publicKey: SubjectPublicKey {
        get throws { try SubjectPublicKey(subjectPublicKeyInfo: subjectPublicKeyInfo) }
    }

    static let ed25519: TestKey = {
        let key = Curve25519.Signing.PrivateKey()
        let head: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
        return TestKey(
            testDescription: "Ed25519", subjectPublicKeyInfo: head + key.publicKey.rawRepresentation,
            sign: { Array(try key.signature(for: $0)) })
    }()

    static func newP256() -> TestKey {
        let key = P256.Signing.PrivateKey()
        return TestKey(
            testDescription: "P-256", subjectPublicKeyInfo: Array(key.publicKey.derRepresentation),
            sign: { Array(try key.signature(for: $0).derRepresentation) })
    }

    static let p256 = newP256()

    static let p384: TestKey = {
        let key = P384.Signing.PrivateKey()
        return TestKey(
            testDescription: "P-384", subjectPublicKeyInfo: Array(key.publicKey.derRepresentation),
            sign: { Array(try key.signature(for: $0).derRepresentation) })
    }()

    static let p521: TestKey = {
        let key = P521.Signing.PrivateKey()
        return TestKey(
            testDescription: "P-521", subjectPublicKeyInfo: Array(key.publicKey.derRepresentation),
            sign: { Array(try key.signature(for: $0).derRepresentation) })
    }()

    static let rsa3072 = rsa(3072)
    static let rsa4096 = rsa(4096)

    /// Made by openssl: in a debug build swift-crypto takes too long for it.
    private static func rsa(_ bits: Int) -> TestKey {
        do {
            let directory = try TemporaryDirectory()
            try directory.run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:\(bits)", "-out", "key")
            let key = try _RSA.Signing.PrivateKey(pemRepresentation: directory.read("key"))
            return TestKey(
                testDescription: "RSA \(bits)", subjectPublicKeyInfo: Array(key.publicKey.derRepresentation),
                sign: { Array(try key.signature(for: SHA256.hash(data: $0), padding: .insecurePKCS1v1_5).rawRepresentation) })
        } catch {
            fatalError("no RSA key: \(error)")
        }
    }

    /// Every kind that a CA key may have.
    static let authorities = [ed25519, p256, p384, p521, rsa3072, rsa4096]
    static let subjects = [ed25519, p256, p384, p521, rsa3072]
}
