// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

/// Keys to which a CA delegates the signing of responses.
struct OCSPResponderTests {
    private static let root = Result { try TestAuthority.root(key: .p256) }

    @Test func `a responder's certificate lives for seven days at most`() throws {
        _ = try ResponderProfile.sample(notBefore: TestTime.now, notAfter: TestTime.after(7 * 86_400 - 1), key: .p256)
        #expect(throws: ProfileError.responderLivesTooLong) {
            try ResponderProfile.sample(notBefore: TestTime.now, notAfter: TestTime.after(7 * 86_400), key: .p256)
        }
        #expect(throws: ProfileError.endsBeforeItBegins) {
            try ResponderProfile.sample(notBefore: TestTime.now, notAfter: TestTime.after(-1), key: .p256)
        }
        let early = try ResponderProfile.sample(notBefore: TestTime.after(-3601), key: .p256)
        #expect(throws: ProfileError.outsideIssuerValidity) {
            try UnsignedCertificate.ocspResponder(early, issuer: Self.root.get().certificate)
        }
    }

    @Test func `a responder's certificate is held against its profile`() throws {
        let issuer = try Self.root.get().certificate
        let profile = try ResponderProfile.sample(key: .p384)
        let good = DERTree(try UnsignedCertificate.ocspResponder(profile, issuer: issuer).toBeSigned)
        func error(_ change: (inout DERTree) -> Void) -> LintError? {
            var tree = good
            change(&tree)
            do throws(LintError) {
                try CertificateLinter.check(tree.bytes, says: profile, issuer: issuer)
                return nil
            } catch {
                return error
            }
        }
        #expect(error { _ in } == nil)
        #expect(error { $0[1].contents[5] ^= 1 } == .differs(.serialNumber))
        #expect(error { $0[5, 0, 0, 1].contents[0] ^= 1 } == .differs(.subject))
        #expect(error { $0[6] = DERTree(TestKey.p256.subjectPublicKeyInfo) } == .differs(.publicKey))
        #expect(error { $0[7, 0, 0, 2].contents = [0x30, 3, 1, 1, 0xff] } == .differs(.basicConstraints))
        #expect(error { $0[7, 0, 1, 2].contents = [0x03, 0x02, 0x01, 0x06] } == .differs(.keyUsage))
        #expect(error { $0[7, 0, 2, 1].contents[11] = 1 } == .differs(.extendedKeyUsage))
        #expect(error { $0[7, 0].children.remove(at: 2) } == .missing(.extendedKeyUsage))
        #expect(error { $0[7, 0].children.remove(at: 3) } == .missing(.ocspNoCheck))
        #expect(error { $0[7, 0, 3, 1].contents = [0x30, 0x00] } == .differs(.ocspNoCheck))
        #expect(error { $0[7, 0, 3].children.insert(DERTree(0x01, [0xff]), at: 1) } == .criticality(.ocspNoCheck))
        #expect(error { $0[7, 0, 4, 1].contents[5] ^= 1 } == .differs(.subjectKeyIdentifier))
        #expect(error { $0[7, 0, 5, 1].contents[5] ^= 1 } == .differs(.authorityKeyIdentifier))
        #expect(error { $0[7, 0].children.append(RequestBuilder.field(56, .null)) } == .unexpectedExtension("2.5.29.56"))
        for index in good.bytes.indices {
            for bit in 0..<8 {
                var bytes = good.bytes
                bytes[index] ^= 1 << UInt8(bit)
                #expect(throws: LintError.self) { try CertificateLinter.check(bytes, says: profile, issuer: issuer) }
            }
        }
    }

    private func error(_ der: [UInt8], _ issuer: TestAuthority) -> OCSPResponderError? {
        do throws(OCSPResponderError) {
            _ = try OCSPResponder(certificate: der, issuer: issuer.certificate)
            return nil
        } catch {
            return error
        }
    }

    @Test func `only a responder's certificate of that CA makes a responder`() throws {
        let root = try Self.root.get()
        let responder = try root.responder(key: .ed25519)
        let der = try #require(responder.certificate)
        #expect(error(der, root) == nil)
        #expect(responder.publicKey.subjectPublicKeyInfo == TestKey.ed25519.subjectPublicKeyInfo)
        #expect(error(der, try .root(key: .newP256())) == .notIssuedByAuthority)
        #expect(error(der, try .root("Other root CA", key: .p256)) == .notIssuedByAuthority)
        #expect(error(try root.issue(.sample()).der, root) == .notForResponses)
        #expect(error(try root.issuing(key: .p384).certificate.der, root) == .notForResponses)
        #expect(error([], root) == .malformed)
        for index in der.indices {
            #expect(error(Array(der.prefix(index)), root) != nil)
            var bytes = der
            bytes[index] ^= 1 << UInt8(index % 8)
            #expect(error(bytes, root) != nil, "byte \(index)")
        }
        for error in [OCSPResponderError.malformed, .notIssuedByAuthority, .notForResponses, .publicKey(.malformed)] {
            #expect(!error.description.isEmpty)
        }
    }
}
