// SPDX-License-Identifier: Apache-2.0
import Foundation

@testable import X509Certificates

/// The times of all certificates in these tests: the foreign verifiers take the real clock.
enum TestTime {
    static let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
    static func after(_ seconds: Double) -> Date { now.addingTimeInterval(seconds) }
}

extension SerialNumber {
    static func random() -> SerialNumber {
        guard let serial = SerialNumber(magnitude: (0..<16).map { _ in UInt8.random(in: 1...255) }) else { fatalError() }
        return serial
    }
}

/// A CA as the service sets it up.
struct TestAuthority {
    let key: TestKey
    let certificate: IssuerCertificate

    static func root(_ name: String = "Example root CA", key: TestKey, pathLength: Int = 1) throws -> TestAuthority {
        let profile = try profile(name, key: key, pathLength: pathLength)
        let unsigned = UnsignedCertificate.root(profile)
        try CertificateLinter.check(unsigned.toBeSigned, says: profile, issuer: nil)
        let der = try unsigned.signed(key.sign(unsigned.toBeSigned)).der
        return TestAuthority(key: key, certificate: try IssuerCertificate(der: der))
    }

    func issuing(_ name: String = "Example issuing CA", key: TestKey) throws -> TestAuthority {
        let profile = try Self.profile(name, key: key, pathLength: 0)
        let unsigned = try UnsignedCertificate.intermediate(profile, issuer: certificate)
        try CertificateLinter.check(unsigned.toBeSigned, says: profile, issuer: certificate)
        let der = try unsigned.signed(self.key.sign(unsigned.toBeSigned)).der
        return TestAuthority(key: key, certificate: try IssuerCertificate(der: der))
    }

    func issue(_ profile: CertificateProfile) throws -> X509Certificate {
        let unsigned = try UnsignedCertificate.endEntity(profile, issuer: certificate)
        try CertificateLinter.check(unsigned.toBeSigned, says: profile, issuer: certificate)
        return try unsigned.signed(key.sign(unsigned.toBeSigned))
    }

    static func profile(_ name: String, key: TestKey, pathLength: Int) throws -> AuthorityProfile {
        try AuthorityProfile(
            serial: .random(), notBefore: TestTime.after(-3600), notAfter: TestTime.after(86_400 * 365), commonName: name,
            publicKey: key.publicKey, pathLength: pathLength)
    }
}

extension CertificateProfile {
    static func sample(
        serial: SerialNumber = .random(), notBefore: Date = TestTime.after(-60), notAfter: Date = TestTime.after(3600),
        commonName: String? = "ana@example.com", organizations: [String] = [], names: SubjectNames? = nil,
        usage: Set<CertificateUsage> = [.client, .server], key: TestKey = .p256, statusSource: StatusSource = .unstated
    ) throws -> CertificateProfile {
        try CertificateProfile(
            serial: serial, notBefore: notBefore, notAfter: notAfter, commonName: commonName, organizations: organizations,
            names: names ?? .sample(), usage: usage, publicKey: key.publicKey, statusSource: statusSource)
    }
}

extension SubjectNames {
    static func sample() throws -> SubjectNames {
        try SubjectNames(
            dns: ["web1.example.com", "localhost"], ips: ["10.1.2.3", "2001:db8::1"], emails: ["Ana.B@example.com"],
            uris: ["spiffe://example.com/web/1"])
    }
}
