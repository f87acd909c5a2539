// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import X509

@testable import Client

/// A CA for servers and sessions, made in memory.
struct TestAuthority {
    let certificate: Certificate
    private let key: Certificate.PrivateKey

    struct Leaf {
        let certificate: Certificate
        let key: P256.Signing.PrivateKey
    }

    init(name: String = "test service CA") throws {
        key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let subject = try DistinguishedName { CommonName(name) }
        certificate = try Self.certificate(
            subject: subject, issuer: subject, publicKey: key.publicKey, issuerKey: key,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true))
            })
    }

    func leaf(
        hosts: [String] = ["localhost"], key: P256.Signing.PrivateKey = .init(), until: Date = Date() + 3600
    ) throws -> Leaf {
        Leaf(certificate: try certificate(for: .init(key.publicKey), hosts: hosts, until: until), key: key)
    }

    func certificate(
        for publicKey: Certificate.PublicKey, subject: DistinguishedName = DistinguishedName(),
        hosts: [String] = ["localhost"], until: Date = Date() + 3600
    ) throws -> Certificate {
        try Self.certificate(
            subject: subject, issuer: certificate.subject, publicKey: publicKey, issuerKey: key, until: until,
            extensions: Certificate.Extensions {
                Critical(SubjectAlternativeNames(hosts.map { .dnsName($0) }))
            })
    }

    var pem: String { get throws { try certificate.serializeAsPEM().pemString + "\n" } }

    var der: [UInt8] {
        get throws {
            var serializer = DER.Serializer()
            try certificate.serialize(into: &serializer)
            return serializer.serializedBytes
        }
    }

    /// - Parameter chain: what the server shows after its own certificate.
    func tls(_ leaf: Leaf, chain: [Certificate]? = nil) throws -> NIOSSLContext {
        let certificates = try ([leaf.certificate] + (chain ?? [certificate])).map {
            try NIOSSLCertificate(bytes: Array(try $0.serializeAsPEM().pemString.utf8), format: .pem)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(leaf.key.pemRepresentation.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv13
        return try NIOSSLContext(configuration: configuration)
    }

    private static func certificate(
        subject: DistinguishedName, issuer: DistinguishedName, publicKey: Certificate.PublicKey,
        issuerKey: Certificate.PrivateKey, until: Date = Date() + 3600, extensions: Certificate.Extensions
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey, notValidBefore: Date() - 60, notValidAfter: until,
            issuer: issuer, subject: subject, signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
            issuerPrivateKey: issuerKey)
    }
}
