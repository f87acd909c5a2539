// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import X509Certificates

/// A root and an issuing CA for workloads, made in memory.
struct TestWorkloads: Sendable {
    struct CA: Sendable {
        let certificate: IssuerCertificate
        fileprivate let key: P256.Signing.PrivateKey

        var pem: String { certificate.pem }
        /// Of the key.
        var fingerprint: String { certificate.keyFingerprint }

        /// Of nothing, or of one certificate.
        func list(
            _ number: UInt64, thisUpdate: Double = -60, nextUpdate: Double = 3600, revoking serial: UInt8? = nil
        ) throws -> String {
            let profile = try RevocationListProfile.full(
                number: RevocationListNumber(number), after: nil, thisUpdate: TestWorkloads.after(thisUpdate),
                nextUpdate: TestWorkloads.after(nextUpdate))
            var entries = RevokedEntries()
            if let serial {
                try entries.update(adding: [
                    RevokedCertificate(
                        serial: TestWorkloads.serial(serial), revokedAt: TestWorkloads.after(-60), reason: .unspecified)
                ])
            }
            let unsigned = try UnsignedRevocationList(profile, entries: entries, issuer: certificate)
            return try unsigned.signed(sign(unsigned.toBeSigned)).pem
        }

        fileprivate func sign(_ bytes: [UInt8]) throws -> [UInt8] {
            Array(try key.signature(for: Data(bytes)).derRepresentation)
        }
    }

    let root: CA
    let issuing: CA

    init() throws {
        let rootKey = P256.Signing.PrivateKey()
        let unsigned = UnsignedCertificate.root(try Self.profile("Test root", rootKey, pathLength: 1))
        let signed = try unsigned.signed(Array(rootKey.signature(for: Data(unsigned.toBeSigned)).derRepresentation))
        root = CA(certificate: try IssuerCertificate(der: signed.der), key: rootKey)
        issuing = try Self.issuing(under: root)
    }

    static func issuing(under root: CA) throws -> CA {
        let key = P256.Signing.PrivateKey()
        let unsigned = try UnsignedCertificate.intermediate(
            profile("Test issuing", key, pathLength: 0), issuer: root.certificate)
        return CA(
            certificate: try IssuerCertificate(der: unsigned.signed(root.sign(unsigned.toBeSigned)).der), key: key)
    }

    /// PEM of a certificate for the request's key and names.
    func certificate(
        _ csr: String, by authority: CA? = nil, dns: [String]? = nil, from start: Double = -60, until end: Double = 3600
    ) throws -> String {
        let request = try CertificateSigningRequest(parsing: csr)
        let authority = authority ?? issuing
        let profile = try CertificateProfile(
            serial: Self.serial(.random(in: 1...255)), notBefore: Self.after(start), notAfter: Self.after(end),
            commonName: nil, names: try SubjectNames(dns: dns ?? request.requestedNames.dns.map(\.text)),
            usage: [.server], publicKey: request.publicKey)
        let unsigned = try UnsignedCertificate.endEntity(profile, issuer: authority.certificate)
        return try unsigned.signed(authority.sign(unsigned.toBeSigned)).pem
    }

    private static func profile(
        _ name: String, _ key: P256.Signing.PrivateKey, pathLength: Int
    ) throws -> AuthorityProfile {
        try AuthorityProfile(
            serial: serial(1), notBefore: after(-86_400), notAfter: after(86_400 * (pathLength == 0 ? 364 : 365)),
            commonName: name,
            publicKey: SubjectPublicKey(subjectPublicKeyInfo: Array(key.publicKey.derRepresentation)),
            pathLength: pathLength)
    }

    fileprivate static func serial(_ last: UInt8) throws -> SerialNumber {
        try SerialNumber(randomBits: (0..<15).map { _ in .random(in: .min ... .max) } + [last])
    }

    fileprivate static func after(_ seconds: Double) -> Date {
        Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down) + seconds)
    }
}
