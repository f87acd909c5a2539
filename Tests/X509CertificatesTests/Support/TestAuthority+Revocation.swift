// SPDX-License-Identifier: Apache-2.0
import Foundation

@testable import X509Certificates

extension TestAuthority {
    /// A linted and signed list.
    func list(_ profile: RevocationListProfile, _ entries: RevokedEntries = RevokedEntries()) throws -> SignedRevocationList {
        let unsigned = try UnsignedRevocationList(profile, entries: entries, issuer: certificate)
        try RevocationListLinter.check(unsigned.toBeSigned, says: profile, entries: entries, issuer: certificate)
        return try unsigned.signed(key.sign(unsigned.toBeSigned))
    }

    /// A key that signs responses in this CA's place.
    func responder(key: TestKey) throws -> OCSPResponder {
        let profile = try ResponderProfile.sample(key: key)
        let unsigned = try UnsignedCertificate.ocspResponder(profile, issuer: certificate)
        try CertificateLinter.check(unsigned.toBeSigned, says: profile, issuer: certificate)
        let signed = try unsigned.signed(self.key.sign(unsigned.toBeSigned))
        return try OCSPResponder(certificate: signed.der, issuer: certificate)
    }
}

extension TestKey {
    /// A linted and signed response.
    func response(_ profile: OCSPResponseProfile, _ responder: OCSPResponder) throws -> SignedOCSPResponse {
        let unsigned = try UnsignedOCSPResponse(profile, responder: responder)
        try OCSPResponseLinter.check(unsigned.toBeSigned, says: profile, responder: responder)
        return try unsigned.signed(sign(unsigned.toBeSigned))
    }
}

extension ResponderProfile {
    static func sample(
        serial: SerialNumber = .random(), notBefore: Date = TestTime.after(-60), notAfter: Date = TestTime.after(86_400),
        key: TestKey
    ) throws -> ResponderProfile {
        try ResponderProfile(
            serial: serial, notBefore: notBefore, notAfter: notAfter, commonName: "Example responder", publicKey: key.publicKey)
    }
}

extension RevocationListProfile {
    static func sampleFull(
        _ number: UInt64 = 5, distributionPoint: String? = nil, freshest: String? = nil
    ) throws -> RevocationListProfile {
        try .full(
            number: RevocationListNumber(number), after: nil, thisUpdate: TestTime.after(-60), nextUpdate: TestTime.after(3600),
            distributionPoint: distributionPoint, freshest: freshest)
    }

    static func sampleDelta(
        _ number: UInt64 = 6, base: UInt64 = 5, distributionPoint: String? = nil
    ) throws -> RevocationListProfile {
        try .delta(
            base: RevocationListNumber(base), number: RevocationListNumber(number), after: nil, thisUpdate: TestTime.after(-30),
            nextUpdate: TestTime.after(3600), distributionPoint: distributionPoint)
    }
}

extension RevokedCertificate {
    static func sample(
        _ serial: SerialNumber = .random(), at seconds: Double = -3600, _ reason: RevocationReason = .unspecified
    ) throws -> RevokedCertificate {
        try RevokedCertificate(serial: serial, revokedAt: TestTime.after(seconds), reason: reason)
    }
}

extension SerialNumber {
    /// A small one, which ascends with its number.
    static func number(_ number: UInt32) throws -> SerialNumber {
        try SerialNumber(
            randomBits: Array(repeating: 0, count: 12)
                + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) })
    }
}
