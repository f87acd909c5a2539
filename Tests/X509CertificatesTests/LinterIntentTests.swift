// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import X509Certificates

/// Good certificates, but not the ones that were intended.
struct LinterIntentTests {
    private static let root = Result { try TestAuthority.root(key: .p256) }
    private static let serial = SerialNumber.random()

    private static func profile(
        serial: SerialNumber = serial, from: Double = -60, to: Double = 3600, commonName: String? = "ana",
        names: SubjectNames? = nil, usage: Set<CertificateUsage> = [.client], key: TestKey = .p256
    ) throws -> CertificateProfile {
        try .sample(
            serial: serial, notBefore: TestTime.after(from), notAfter: TestTime.after(to), commonName: commonName,
            names: try names ?? SubjectNames(dns: ["a.example"]), usage: usage, key: key)
    }

    @Test(
        arguments: [
            (LintError.differs(.serialNumber), { @Sendable in try profile(serial: .random()) }),
            (.differs(.notBefore), { @Sendable in try profile(from: -59) }),
            (.differs(.notAfter), { @Sendable in try profile(to: 3599) }),
            (.differs(.subject), { @Sendable in try profile(commonName: "bo") }),
            (.differs(.subject), { @Sendable in try profile(commonName: nil) }),
            (.differs(.publicKey), { @Sendable in try profile(key: .p384) }),
            (.differs(.extendedKeyUsage), { @Sendable in try profile(usage: [.server]) }),
            (.differs(.extendedKeyUsage), { @Sendable in try profile(usage: [.client, .server]) }),
            (.differs(.subjectAlternativeName), { @Sendable in try profile(names: SubjectNames(dns: ["b.example"])) }),
            (.differs(.subjectAlternativeName), { @Sendable in try profile(names: SubjectNames(uris: ["urn:a:b"])) }),
            (.missing(.subjectAlternativeName), { @Sendable in try profile(names: SubjectNames()) }),
        ] as [(LintError, @Sendable () throws -> CertificateProfile)])
    func `a certificate of another intent is refused`(_ error: LintError, _ other: @Sendable () throws -> CertificateProfile)
        throws
    {
        let issuer = try Self.root.get().certificate
        let other = try other()
        let bytes = try UnsignedCertificate.endEntity(other, issuer: issuer).toBeSigned
        try CertificateLinter.check(bytes, says: other, issuer: issuer)
        #expect(throws: error) { try CertificateLinter.check(bytes, says: Self.profile(), issuer: issuer) }
    }

    @Test func `alternative names where none were intended are refused`() throws {
        let issuer = try Self.root.get().certificate
        let bytes = try UnsignedCertificate.endEntity(Self.profile(), issuer: issuer).toBeSigned
        #expect(throws: LintError.unexpectedExtension("2.5.29.17")) {
            try CertificateLinter.check(bytes, says: Self.profile(names: SubjectNames()), issuer: issuer)
        }
    }

    @Test func `alternative names that are not critical beside an empty subject are refused`() throws {
        let issuer = try Self.root.get().certificate
        let profile = try Self.profile(commonName: nil)
        var tree = DERTree(try UnsignedCertificate.endEntity(profile, issuer: issuer).toBeSigned)
        try CertificateLinter.check(tree.bytes, says: profile, issuer: issuer)
        tree[7, 0, 3].children.remove(at: 1)
        #expect(throws: LintError.criticality(.subjectAlternativeName)) {
            try CertificateLinter.check(tree.bytes, says: profile, issuer: issuer)
        }
    }

    @Test func `a certificate under another CA is refused`() throws {
        let issuer = try Self.root.get().certificate
        let bytes = try UnsignedCertificate.endEntity(Self.profile(), issuer: issuer).toBeSigned
        let otherName = try TestAuthority.root("Other root CA", key: .p256).certificate
        #expect(throws: LintError.differs(.issuer)) {
            try CertificateLinter.check(bytes, says: Self.profile(), issuer: otherName)
        }
        let otherKey = try TestAuthority.root(key: .newP256()).certificate
        #expect(throws: LintError.differs(.authorityKeyIdentifier)) {
            try CertificateLinter.check(bytes, says: Self.profile(), issuer: otherKey)
        }
        let otherAlgorithm = try TestAuthority.root(key: .ed25519).certificate
        #expect(throws: LintError.differs(.signatureAlgorithm)) {
            try CertificateLinter.check(bytes, says: Self.profile(), issuer: otherAlgorithm)
        }
    }

    @Test(arguments: [(-3601, 3600), (-60, 86_400 * 365 + 1)])
    func `a certificate outside the validity of its CA is neither built nor passed`(_ from: Double, _ to: Double) throws {
        let issuer = try Self.root.get().certificate
        let profile = try Self.profile(from: from, to: to)
        #expect(throws: ProfileError.outsideIssuerValidity) { try UnsignedCertificate.endEntity(profile, issuer: issuer) }
        var tree = DERTree(try UnsignedCertificate.endEntity(Self.profile(), issuer: issuer).toBeSigned)
        tree[4] = DERTree(profile.validity.encoded)
        #expect(throws: LintError.outsideIssuerValidity) {
            try CertificateLinter.check(tree.bytes, says: profile, issuer: issuer)
        }
    }

    @Test func `a CA certificate is held against its profile`() throws {
        let profile = try TestAuthority.profile("Example root CA", key: .p256, pathLength: 1)
        let good = DERTree(UnsignedCertificate.root(profile).toBeSigned)
        func error(_ change: (inout DERTree) -> Void) -> LintError? {
            var tree = good
            change(&tree)
            do throws(LintError) {
                try CertificateLinter.check(tree.bytes, says: profile, issuer: nil)
                return nil
            } catch {
                return error
            }
        }
        #expect(error { _ in } == nil)
        let constraints = DERTree(good[7, 0, 0, 2].contents)
        #expect(error { $0[7, 0, 0, 2].contents = DERTree(0x30, of: [constraints[0]]).bytes } == .differs(.basicConstraints))
        #expect(
            error { $0[7, 0, 0, 2].contents = DERTree(0x30, of: [constraints[0], DERTree(0x02, [2])]).bytes }
                == .differs(.basicConstraints))
        #expect(error { $0[7, 0, 0].children.remove(at: 1) } == .criticality(.basicConstraints))
        #expect(error { $0[7, 0, 1, 2].contents = [0x03, 0x02, 0x02, 0x04] } == .differs(.keyUsage))
        #expect(error { $0[7, 0, 1, 2].contents = [0x03, 0x02, 0x01, 0x86] } == .differs(.keyUsage))
        #expect(error { $0[7, 0, 2, 1].contents[5] ^= 1 } == .differs(.subjectKeyIdentifier))
        #expect(
            error { $0[7, 0].children.append(RequestBuilder.field(30, .emptySequence)) } == .unexpectedExtension("2.5.29.30"))
        #expect(error { $0[3, 0, 0, 1].contents[0] ^= 1 } == .differs(.issuer))
        #expect(error { $0[5, 0, 0, 1].contents[0] ^= 1 } == .differs(.subject))
        for index in good.bytes.indices {
            var bytes = good.bytes
            bytes[index] ^= 1 << UInt8(index % 8)
            #expect(throws: LintError.self) { try CertificateLinter.check(bytes, says: profile, issuer: nil) }
        }
    }

    /// A group too many in the subject is a right too many in Kubernetes.
    @Test func `organizations are exactly those of the profile, in their order`() throws {
        let issuer = try Self.root.get().certificate
        let profile = try CertificateProfile.sample(organizations: ["dev", "ops"])
        let good = try UnsignedCertificate.endEntity(profile, issuer: issuer).toBeSigned
        try CertificateLinter.check(good, says: profile, issuer: issuer)
        for organizations in [[], ["dev"], ["ops"], ["ops", "dev"], ["dev", "ops", "more"], ["dev", "opz"]] {
            let other = try CertificateProfile.sample(
                serial: profile.serial, organizations: organizations, key: .p256)
            #expect(throws: LintError.differs(.subject)) {
                try CertificateLinter.check(good, says: other, issuer: issuer)
            }
        }
        var tree = DERTree(good)
        tree[5, 0, 0, 0].contents = [0x55, 0x04, 0x0b]
        #expect(throws: LintError.differs(.subject)) {
            try CertificateLinter.check(tree.bytes, says: profile, issuer: issuer)
        }
    }

    @Test func `a CA certificate under a CA that may not have one is neither built nor passed`() throws {
        let issuing = try Self.root.get().issuing(key: .p384)
        let profile = try TestAuthority.profile("Another CA", key: .ed25519, pathLength: 0)
        #expect(throws: ProfileError.pathLength) { try UnsignedCertificate.intermediate(profile, issuer: issuing.certificate) }
        let contents = CertificateContents(
            serial: profile.serial, algorithm: .ecdsaSHA384, issuer: issuing.certificate.subjectName,
            validity: profile.validity, subject: encodedSubject(Subject(profile.commonName)), publicKey: profile.publicKey,
            extensions: [
                EncodedExtension.authority(pathLength: 0), EncodedExtension.authorityKeyUsage,
                EncodedExtension.subjectKeyIdentifier(profile.publicKey), issuing.certificate.authorityKeyIdentifierExtension,
            ])
        #expect(throws: LintError.issuerCannotSign) {
            try CertificateLinter.check(contents.encoded, says: profile, issuer: issuing.certificate)
        }
    }
}
