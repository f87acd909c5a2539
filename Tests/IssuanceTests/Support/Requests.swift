// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Issuance
import Policies
import SSHCertificates
import X509Certificates

extension SSHPublicKey {
    /// An Ed25519 key whose private half nobody keeps.
    static func new() throws -> SSHPublicKey {
        let head: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
        return try SSHPublicKey(
            subjectPublicKeyInfo: head + Curve25519.Signing.PrivateKey().publicKey.rawRepresentation)
    }
}

extension IssuanceRequest {
    static func ssh(
        _ role: String? = "shell", key: SSHPublicKey? = nil, host: String? = nil, lifetime: Duration? = nil,
        reason: String? = nil
    ) throws -> IssuanceRequest {
        try IssuanceRequest(
            role: role, subject: .ssh(key ?? .new(), logins: nil, host: host.map { try HostName($0) }), lifetime: lifetime,
            reason: reason)
    }

    static func sshHost(
        _ role: String = "web-host", host: String = "web1.example.com", lifetime: Duration? = nil
    ) throws -> IssuanceRequest {
        try IssuanceRequest(role: role, subject: .sshHost(.new(), host: HostName(host)), lifetime: lifetime, reason: nil)
    }

    static func x509(
        _ role: String = "web-server", dns: [String] = [], lifetime: Duration? = nil
    ) throws -> IssuanceRequest {
        try IssuanceRequest(role: role, subject: .x509(signingRequest(dns: dns)), lifetime: lifetime, reason: nil)
    }
}

/// A PKCS #10 request for a new P-256 key, and for these names.
func signingRequest(dns: [String] = []) throws -> CertificateSigningRequest {
    try CertificateSigningRequest(parsing: signingRequestDER(names: dns.map { (0x82, $0) }, key: P256.Signing.PrivateKey()))
}

/// - Parameter names: tag and text of each general name.
func signingRequestDER(names: [(UInt8, String)], key: P256.Signing.PrivateKey) throws -> [UInt8] {
    func element(_ tag: UInt8, _ contents: [UInt8]...) -> [UInt8] {
        let contents = contents.flatMap(\.self)
        let length = UInt16(contents.count)
        // DER wants the shortest form of a length.
        let head =
            length < 128
            ? [UInt8(length)] : length < 256 ? [0x81, UInt8(length)] : [0x82, UInt8(length >> 8), UInt8(length & 255)]
        return [tag] + head + contents
    }
    var attributes: [UInt8] = []
    if !names.isEmpty {
        let names = element(0x30, names.flatMap { element($0.0, Array($0.1.utf8)) })
        // 2.5.29.17 subjectAltName, in the value of 1.2.840.113549.1.9.14 extensionRequest.
        let list = element(0x30, element(0x30, [0x06, 0x03, 0x55, 0x1d, 0x11], element(0x04, names)))
        attributes = element(
            0x30, [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e], element(0x31, list))
    }
    let information = element(
        0x30, [0x02, 0x01, 0x00, 0x30, 0x00], Array(key.publicKey.derRepresentation), element(0xa0, attributes))
    let ecdsaWithSHA256: [UInt8] = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]
    let signature = Array(try key.signature(for: information).derRepresentation)
    return element(0x30, information, ecdsaWithSHA256, element(0x03, [0] + signature))
}
