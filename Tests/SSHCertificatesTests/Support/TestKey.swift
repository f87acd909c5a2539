// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import Foundation

@testable import SSHCertificates

/// A private key of swift-crypto that signs as X.509 has it, in the place of a CA key.
enum TestKey: Sendable {
    case ed25519(Curve25519.Signing.PrivateKey)
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)

    /// One of each kind, made once for all tests.
    static let all: [TestKey] = [
        .ed25519(.init()), .p256(.init()), .p384(.init()), .p521(.init()),
    ]
    private static let rsaKey = Result { try _RSA.Signing.PrivateKey(keySize: .bits3072) }
    static func rsa() throws -> TestKey { .rsa(try rsaKey.get()) }

    var subjectPublicKeyInfo: [UInt8] {
        switch self {
        case .ed25519(let key): Array(key.publicKey.derRepresentation)
        case .p256(let key): Array(key.publicKey.derRepresentation)
        case .p384(let key): Array(key.publicKey.derRepresentation)
        case .p521(let key): Array(key.publicKey.derRepresentation)
        case .rsa(let key): Array(key.publicKey.derRepresentation)
        }
    }

    var publicKey: SSHPublicKey { get throws { try SSHPublicKey(subjectPublicKeyInfo: subjectPublicKeyInfo) } }

    func x509Signature(_ message: [UInt8], _ algorithm: SSHSignatureAlgorithm) throws -> [UInt8] {
        switch self {
        case .ed25519(let key): Array(try key.signature(for: message))
        case .p256(let key): Array(try key.signature(for: message).derRepresentation)
        case .p384(let key): Array(try key.signature(for: message).derRepresentation)
        case .p521(let key): Array(try key.signature(for: message).derRepresentation)
        case .rsa(let key):
            algorithm == .rsaSHA256
                ? Array(try key.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation)
                : Array(try key.signature(for: SHA512.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation)
        }
    }

    func signature(_ message: [UInt8], _ algorithm: SSHSignatureAlgorithm? = nil) throws -> SSHSignature {
        let algorithm = try algorithm ?? publicKey.type.signatureAlgorithms[0]
        return try SSHSignature(x509Encoded: try x509Signature(message, algorithm), algorithm: algorithm)
    }
}

/// A security key in software: PROTOCOL.u2f around a key of swift-crypto.
struct TestSecurityKey: Sendable {
    let key: TestKey
    let application = "ssh:"

    static let all = [TestSecurityKey(key: TestKey.all[0]), TestSecurityKey(key: TestKey.all[1])]

    var publicKey: SSHPublicKey {
        get throws {
            switch try key.publicKey.material {
            case .ed25519(let point): SSHPublicKey(.securityKeyEd25519(point, application: application))
            case .ecdsa(_, let point): SSHPublicKey(.securityKeyECDSAP256(point: point, application: application))
            default: throw SSHKeyError.emptyApplication
            }
        }
    }

    func signature(_ message: [UInt8], flags: UInt8, counter: UInt32 = 5) throws -> SSHSignature {
        var tail = SSHWireWriter()
        tail.write(uint8: flags)
        tail.write(uint32: counter)
        let signed = Array(SHA256.hash(data: Array(application.utf8))) + tail.bytes + Array(SHA256.hash(data: message))
        let plain = try key.signature(signed).blob
        var reader = SSHWireReader<SSHSignatureError>(plain)
        _ = try reader.readText("algorithm", limit: SSHLimits.name)
        var writer = SSHWireWriter()
        writer.write(string: try publicKey.type.rawValue)
        writer.write(raw: reader.rest)
        writer.write(raw: tail.bytes)
        return try SSHSignature(parsing: writer.bytes)
    }
}
