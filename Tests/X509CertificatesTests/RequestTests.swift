// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

struct RequestTests {
    @Test(arguments: [
        ("ed25519", SubjectPublicKey.Kind.ed25519), ("ecdsa-p256", .ecdsaP256), ("ecdsa-p384", .ecdsaP384),
        ("ecdsa-p521", .ecdsaP521), ("rsa-3072", .rsa(bits: 3072)), ("rsa-4096", .rsa(bits: 4096)),
        ("rsa-8192", .rsa(bits: 8192)), ("ecdsa-p256-sha512", .ecdsaP256), ("rsa-3072-sha384", .rsa(bits: 3072)),
        ("new-label", .ecdsaP256),
    ])
    func `a request of openssl is taken, as PEM and as DER`(_ name: String, _ kind: SubjectPublicKey.Kind) throws {
        let request = try CertificateSigningRequest(parsing: Fixture.text("requests/\(name).pem"))
        #expect(request.publicKey.kind == kind)
        #expect(request.commonName?.text == name)
        #expect(request.requestedNames.isEmpty)
        let same = try CertificateSigningRequest(parsing: Fixture.der("requests/\(name).pem"))
        #expect(same.publicKey == request.publicKey)
    }

    @Test func `names of every kind are read, and what policy decides is ignored`() throws {
        let request = try CertificateSigningRequest(parsing: Fixture.text("requests/all-names.pem"))
        #expect(
            try request.requestedNames
                == SubjectNames(
                    dns: ["web1.example.com", "xn--bcher-kva.example"], ips: ["10.1.2.3", "2001:db8::1"],
                    emails: ["Ana.B@example.com"], uris: ["spiffe://example.com/web/1"]))
    }

    @Test func `a request may have no subject, or a longer one of which the common name is taken`() throws {
        let bare = try CertificateSigningRequest(parsing: Fixture.text("requests/no-subject.pem"))
        #expect(bare.commonName == nil)
        #expect(bare.requestedNames.dns.map(\.text) == ["only.example.com"])
        let long = try CertificateSigningRequest(parsing: Fixture.text("requests/long-subject.pem"))
        #expect(long.commonName?.text == "ana@example.com")
    }

    @Test func `the key is the one that openssl sees`() throws {
        for name in try Fixture.names(in: "requests") {
            let directory = try TemporaryDirectory()
            try directory.write(Fixture.text("requests/\(name)"), to: "request")
            let key = try directory.run("openssl", "req", "-in", "request", "-noout", "-pubkey")
            let request = try CertificateSigningRequest(parsing: Fixture.text("requests/\(name)"))
            #expect(PEM.encode(request.publicKey.subjectPublicKeyInfo, label: "PUBLIC KEY") == key)
        }
    }

    private static let refused: [String: CSRError] = [
        "rsa-2048": .publicKey(.rsaTooShort(bits: 2048)), "rsa-exponent-3": .publicKey(.rsaExponent),
        "rsa-8200": .publicKey(.rsaTooLong(bits: 8200)), "rsa-pss": .publicKey(.unsupportedAlgorithm("RSASSA-PSS")),
        "secp256k1": .publicKey(.unsupportedCurve("secp256k1")), "p224": .publicKey(.unsupportedCurve("P-224")),
        "brainpool": .publicKey(.unsupportedCurve("brainpoolP256r1")),
        "explicit-parameters": .publicKey(.unsupportedCurve("explicit parameters")),
        "compressed-point": .publicKey(.invalidPoint), "ed448": .publicKey(.unsupportedAlgorithm("Ed448")),
        "dsa": .publicKey(.unsupportedAlgorithm("DSA")), "sha1": .unsupportedSignature("SHA-1 with RSA"),
        "sha224": .unsupportedSignature("ECDSA with SHA-224"), "pss-signature": .unsupportedSignature("RSASSA-PSS"),
        "ca": .asksForCA, "cert-sign": .asksForSigningUsage, "crl-sign": .asksForSigningUsage,
        "wildcard": .name(.dns("*.example.com", .wildcard)), "trailing-dot": .name(.dns("web1.example.com.", .trailingDot)),
        "upper-case": .name(.dns("Web1.example.com", .upperCase)), "non-ascii": .name(.dns("bücher.example", .notASCII)),
        "address-as-dns": .name(.dns("10.1.2.3", .address)), "duplicate-name": .name(.duplicate("a.example.com")),
        "other-name": .unsupportedName(.otherName), "registered-id": .unsupportedName(.registeredID),
        "two-spiffe-ids": .name(.spiffeIDNotAlone("spiffe://example.com/a")),
        "unknown-critical": .unknownCriticalExtension("1.2.3.4"), "two-common-names": .severalCommonNames,
        "non-ascii-common-name": .name(.commonName("Jürgen")), "certificate": .pem(.otherLabel("CERTIFICATE")),
    ]

    @Test func `every refused fixture has its reason`() throws {
        #expect(try Fixture.names(in: "refused-requests") == Self.refused.keys.map { "\($0).pem" }.sorted())
    }

    @Test(arguments: refused.sorted { $0.key < $1.key })
    func `a request that must not be granted is refused for the right reason`(_ name: String, _ error: CSRError) throws {
        let text = try Fixture.text("refused-requests/\(name).pem")
        #expect(throws: error) { try CertificateSigningRequest(parsing: text) }
        #expect(!error.description.isEmpty && error.description.last != ".")
    }

    @Test(arguments: ["ed25519", "ecdsa-p256", "all-names", "rsa-3072"])
    func `every flipped bit is refused`(_ name: String) throws {
        let good = try Fixture.der("requests/\(name).pem")
        for index in good.indices {
            for bit in name.hasPrefix("rsa") ? [index % 8] : Array(0..<8) {
                var bytes = good
                bytes[index] ^= 1 << UInt8(bit)
                #expect(throws: CSRError.self, "bit \(bit) of byte \(index)") { try CertificateSigningRequest(parsing: bytes) }
            }
        }
    }

    @Test(arguments: ["ed25519", "all-names", "rsa-3072"])
    func `every other length is refused`(_ name: String) throws {
        let good = try Fixture.der("requests/\(name).pem")
        for length in 0..<good.count {
            #expect(throws: CSRError.self) { try CertificateSigningRequest(parsing: Array(good.prefix(length))) }
        }
        for tail in [[0], [0x05, 0x00], good] {
            #expect(throws: CSRError.malformed) { try CertificateSigningRequest(parsing: good + tail) }
        }
    }

    @Test func `an oversized request is refused before it is read`() throws {
        let good = try Fixture.text("requests/ed25519.pem")
        let large = good + String(repeating: "\n", count: CertificateSigningRequest.maximumBytes)
        #expect(throws: CSRError.tooLarge(limit: 65_536)) { try CertificateSigningRequest(parsing: large) }
        let der = [0x30] + Array(repeating: UInt8(0), count: CertificateSigningRequest.maximumBytes)
        #expect(throws: CSRError.tooLarge(limit: 65_536)) { try CertificateSigningRequest(parsing: der) }
    }

    @Test(
        arguments: [
            [], [0x30], [0x30, 0x80, 0x00, 0x00], [0x30, 0x84, 0xff, 0xff, 0xff, 0xff], [0x30, 0x00], [0x30, 0x81, 0x00],
            [0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Array(repeating: 0x30, count: 60_000),
            [0x30, 0x82, 0xea, 0x60] + Array(repeating: [0x30, 0x00], count: 30_000).joined(),
            [0x30, 0x0a] + Array(repeating: 0xff, count: 10),
        ] as [[UInt8]])
    func `bytes made to hurt a parser are refused`(_ bytes: [UInt8]) {
        #expect(throws: CSRError.self) { try CertificateSigningRequest(parsing: bytes) }
    }

    @Test func `a request for another's key is refused`() throws {
        for signer in [TestKey.newP256(), .p384, .ed25519] {
            var builder = RequestBuilder()
            builder.signer = signer
            #expect(throws: CSRError.wrongSignature) { try CertificateSigningRequest(parsing: builder.der()) }
        }
    }

    @Test func `the builder of hostile requests makes good ones too`() throws {
        for key in TestKey.subjects {
            var builder = RequestBuilder.names((2, Array("a.example".utf8)))
            builder.key = key
            builder.signer = key
            builder.subject = [(3, 0x13, Array("ana".utf8))]
            let request = try CertificateSigningRequest(parsing: builder.der())
            #expect(request.requestedNames.dns.map(\.text) == ["a.example"])
            #expect(request.commonName?.text == "ana")
        }
    }

    @Test(
        arguments: [
            (2, "a\u{0}.example", NameError.dns("a\u{0}.example", .malformed)),
            (2, "a.example\u{0}.evil.example", .dns("a.example\u{0}.evil.example", .malformed)),
            (2, "a\n.example", .dns("a\n.example", .malformed)), (2, "a\u{1b}[31m", .dns("a\u{1b}[31m", .malformed)),
            (2, " ", .dns(" ", .malformed)), (2, "", .dns("", .empty)), (2, "*", .dns("*", .wildcard)),
            (2, "a\u{202e}b", .dns("a\u{202e}b", .notASCII)),
            (1, "ana@example.com\u{0}", .email("ana@example.com\u{0}")),
            (1, "Ana <ana@example.com>", .email("Ana <ana@example.com>")),
            (6, "urn:a\u{0}b", .uri("urn:a\u{0}b")), (6, "relative", .uri("relative")),
            (6, "javascript:alert(1)", .uri("javascript:alert(1)")),
            (6, "spiffe://example.com/../a", .spiffeID("spiffe://example.com/../a")),
        ] as [(UInt8, String, NameError)])
    func `a malicious name is refused`(_ tag: UInt8, _ name: String, _ error: NameError) throws {
        let request = try RequestBuilder.names((tag, Array(name.utf8))).der()
        #expect(throws: CSRError.name(error)) { try CertificateSigningRequest(parsing: request) }
    }

    @Test(
        arguments: [
            [], [1], [1, 2, 3], [1, 2, 3, 4, 5], [1, 2, 3, 4, 255, 255, 255, 0],
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3],
        ] as [[UInt8]])
    func `an address of another length, with a mask or mapped is refused`(_ bytes: [UInt8]) throws {
        let request = try RequestBuilder.names((7, bytes)).der()
        let error = try #require(throws: CSRError.self) { try CertificateSigningRequest(parsing: request) }
        guard case .name(.ip) = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test(
        arguments: [
            ("a\u{0}b", 0x0c), ("a\nb", 0x0c), ("", 0x0c), ("a*", 0x0c), (String(repeating: "a", count: 65), 0x0c),
            ("ana", 0x14),
            ("ana", 0x1e), ("ana", 0x16), ("a\u{301}", 0x0c),
        ] as [(String, UInt8)])
    func `a malicious common name is refused`(_ name: String, _ tag: UInt8) throws {
        let request = try RequestBuilder.commonName(Array(name.utf8), tag: tag).der()
        let error = try #require(throws: CSRError.self) { try CertificateSigningRequest(parsing: request) }
        guard case .name(.commonName) = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test func `bytes that are not UTF-8 are no name`() throws {
        let name = try RequestBuilder.names((2, [0x61, 0xff, 0x62])).der()
        #expect(throws: CSRError.name(.dns("a\u{FFFD}b", .notASCII))) { try CertificateSigningRequest(parsing: name) }
        let commonName = try RequestBuilder.commonName([0xc0, 0x80]).der()
        #expect(throws: CSRError.name(.commonName(""))) { try CertificateSigningRequest(parsing: commonName) }
    }
}
