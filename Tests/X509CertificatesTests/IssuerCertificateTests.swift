// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

struct IssuerCertificateTests {
    private static let root = Result { try TestAuthority.root(key: .p256) }

    private func error(_ change: (inout DERTree) throws -> Void) throws -> IssuerCertificateError? {
        var tree = DERTree(try Self.root.get().certificate.der)
        try change(&tree)
        do throws(IssuerCertificateError) {
            _ = try IssuerCertificate(der: tree.bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a CA certificate is read as it was written`() throws {
        for key in TestKey.authorities {
            let root = try TestAuthority.root("Example root CA", key: key).certificate
            let same = try IssuerCertificate(pem: root.pem)
            #expect(same.der == root.der && same.pem == root.pem)
            #expect(same.commonName == "Example root CA")
            #expect(same.subjectPublicKeyInfo == key.subjectPublicKeyInfo)
            #expect(try same.keyFingerprint == key.publicKey.fingerprint)
            #expect(same.notBefore == TestTime.after(-3600) && same.notAfter == TestTime.after(86_400 * 365))
            #expect(same.pathLength == 1)
        }
    }

    @Test func `what is no certificate of a CA is refused with the reason`() throws {
        #expect(try error { _ in } == nil)
        #expect(try error { $0[0, 0, 0].contents = [1] } == .syntax(.version))
        #expect(try error { $0[0, 4, 0].tag = 0x18 } == .syntax(.time))
        #expect(try error { $0[0, 5].children = [] } == .noSubject)
        #expect(try error { $0[0, 7, 0, 0, 2].contents = [0x30, 0x00] } == .notCA)
        #expect(try error { $0[0, 7, 0].children.remove(at: 0) } == .notCA)
        #expect(try error { $0[0, 7, 0, 1, 2].contents = [0x03, 0x02, 0x07, 0x80] } == .notCA)
        #expect(try error { $0[0, 7, 0].children.remove(at: 1) } == .notCA)
        #expect(try error { $0[0, 7, 0].children.remove(at: 2) } == .noSubjectKeyIdentifier)
        #expect(try error { $0[0, 7, 0].children.append($0[0, 7, 0, 2]) } == .syntax(.duplicateExtension("2.5.29.14")))
        let constraints = RequestBuilder.field(30, critical: [0xff], .emptySequence)
        #expect(try error { $0[0, 7, 0].children.append(constraints) } == .unknownCriticalExtension("2.5.29.30"))
        #expect(try error { $0[1] = DERTree(X509SignatureAlgorithm.ecdsaSHA384.encoded) } == .signatureAlgorithm)
        #expect(try error { $0[0, 2, 0].contents = [0x2a] } == .signatureAlgorithm)
        #expect(try error { $0[0, 6, 1].contents[20] ^= 1 } == .publicKey(.invalidPoint))
        #expect(try error { $0.children.append(.null) } == .malformed)
        #expect(try error { $0[2].contents[0] = 1 } == .malformed)
    }

    @Test func `every truncation is refused, and so are PEM of another kind and chains`() throws {
        let certificate = try Self.root.get().certificate
        for length in 0..<certificate.der.count {
            #expect(throws: IssuerCertificateError.self) { try IssuerCertificate(der: Array(certificate.der.prefix(length))) }
        }
        #expect(throws: IssuerCertificateError.pem(.severalBlocks)) {
            try IssuerCertificate(pem: certificate.pem + certificate.pem)
        }
        #expect(throws: IssuerCertificateError.pem(.otherLabel("PUBLIC KEY"))) {
            try IssuerCertificate(pem: PEM.encode(certificate.der, label: "PUBLIC KEY"))
        }
    }

    @Test func `every flipped bit is refused or breaks the signature`() throws {
        let certificate = try Self.root.get().certificate
        for index in certificate.der.indices {
            for bit in 0..<8 {
                var bytes = certificate.der
                bytes[index] ^= 1 << UInt8(bit)
                guard let changed = try? IssuerCertificate(der: bytes) else { continue }
                #expect(!changed.isIssued(by: certificate))
            }
        }
    }
}
