// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

struct PublicKeyTests {
    private func error(_ tree: DERTree) -> PublicKeyError? {
        do throws(PublicKeyError) {
            _ = try SubjectPublicKey(subjectPublicKeyInfo: tree.bytes)
            return nil
        } catch {
            return error
        }
    }

    private static let zeros = [UInt8](repeating: 0, count: 31)
    private static let prime = [0xed] + [UInt8](repeating: 0xff, count: 30) + [0x7f]

    @Test(
        arguments: [
            (zeros + [0], PublicKeyError.smallOrder), (zeros + [0x80], .smallOrder), ([1] + zeros, .smallOrder),
            ([1] + zeros.dropLast() + [0x80], .smallOrder), ([0xec] + prime.dropFirst(), .smallOrder),
            (
                [
                    0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
                    0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x85,
                ], .smallOrder
            ),
            (prime, .invalidPoint), ([0xee] + prime.dropFirst(), .invalidPoint),
            (Array(repeating: 0xff, count: 32), .invalidPoint),
            (zeros, .malformed), (zeros + [0, 0], .malformed),
        ] as [([UInt8], PublicKeyError)])
    func `an Ed25519 key that proves nothing is refused`(_ point: [UInt8], _ expected: PublicKeyError) {
        var tree = DERTree(TestKey.ed25519.subjectPublicKeyInfo)
        tree[1].contents = [0] + point
        #expect(error(tree) == expected)
    }

    @Test func `a point off the curve is refused`() {
        var tree = DERTree(TestKey.p256.subjectPublicKeyInfo)
        tree[1].contents[40] ^= 1
        #expect(error(tree) == .invalidPoint)
        tree[1].contents = [0, 4] + Array(repeating: 0, count: 64)
        #expect(error(tree) == .invalidPoint)
        tree[1].contents = [0, 0]
        #expect(error(tree) == .invalidPoint)
    }

    @Test func `a point of another curve is refused`() {
        var tree = DERTree(TestKey.p256.subjectPublicKeyInfo)
        tree[0] = DERTree(TestKey.p384.subjectPublicKeyInfo)[0]
        #expect(error(tree) == .invalidPoint)
    }

    @Test func `parameters are exactly those of the algorithm`() {
        var ed25519 = DERTree(TestKey.ed25519.subjectPublicKeyInfo)
        ed25519[0].children.append(.null)
        #expect(error(ed25519) == .malformed)
        var rsa = DERTree(TestKey.rsa3072.subjectPublicKeyInfo)
        rsa[0].children.removeLast()
        #expect(error(rsa) == .malformed)
        rsa[0].children.append(DERTree(0x05, [0]))
        #expect(error(rsa) == .malformed)
        var p256 = DERTree(TestKey.p256.subjectPublicKeyInfo)
        p256[0].children.removeLast()
        #expect(error(p256) == .malformed)
    }

    @Test func `unused bits and things after the key are refused`() {
        var tree = DERTree(TestKey.ed25519.subjectPublicKeyInfo)
        tree[1].contents[0] = 1
        #expect(error(tree) == .malformed)
        tree = DERTree(TestKey.ed25519.subjectPublicKeyInfo)
        tree.children.append(.null)
        #expect(error(tree) == .malformed)
        var rsa = DERTree(TestKey.rsa3072.subjectPublicKeyInfo)
        rsa[1].contents += [0]
        #expect(error(rsa) == .malformed)
    }

    @Test func `an even RSA modulus is refused`() {
        var tree = DERTree(TestKey.rsa3072.subjectPublicKeyInfo)
        var key = DERTree(Array(tree[1].contents.dropFirst()))
        key[0].contents[key[0].contents.count - 1] &= 0xfe
        tree[1].contents = [0] + key.bytes
        #expect(error(tree) == .rsaModulus)
    }

    @Test func `fingerprints are those of openssl`() throws {
        let directory = try TemporaryDirectory()
        for key in TestKey.authorities {
            try directory.write(key.subjectPublicKeyInfo, to: "key.der")
            try directory.run("sh", "-c", "openssl dgst -sha256 -binary key.der | base64 > digest")
            let expected = try directory.read("digest").filter { $0 != "=" && $0 != "\n" }
            #expect(try key.publicKey.fingerprint == "SHA256:" + expected)
        }
    }

    @Test func `a signature of the right form alone is assembled`() throws {
        for key in TestKey.authorities {
            let profile = try TestAuthority.profile("Example CA", key: key, pathLength: 0)
            let unsigned = UnsignedCertificate.root(profile)
            let signature = try key.sign(unsigned.toBeSigned)
            for bad in [[], Array(signature.dropLast()), signature + [0]] {
                #expect(throws: SignatureEncodingError.notOfThisKey) { try unsigned.signed(bad) }
            }
            let issuer = try IssuerCertificate(der: unsigned.signed(signature).der)
            #expect(try unsigned.signed(signature).isSigned(by: issuer))
            var damaged = signature
            damaged[damaged.count - 1] ^= 1
            #expect(try !unsigned.signed(damaged).isSigned(by: issuer))
        }
    }

    @Test(
        arguments: [
            [0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01], [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00],
            [0x30, 0x06, 0x02, 0x01, 0xff, 0x02, 0x01, 0x01], [0x30, 0x03, 0x02, 0x01, 0x01],
            [0x30, 0x09, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01],
            [0x30, 0x26, 0x02, 0x21] + Array(repeating: 1, count: 33) + [0x02, 0x01, 0x01], Array(repeating: 0x30, count: 71),
            Array(repeating: 1, count: 64),
        ] as [[UInt8]])
    func `what is no pair of positive numbers of the curve's size is no ECDSA signature`(_ signature: [UInt8]) throws {
        let profile = try TestAuthority.profile("Example CA", key: .p256, pathLength: 0)
        #expect(throws: SignatureEncodingError.notOfThisKey) { try UnsignedCertificate.root(profile).signed(signature) }
    }
}
