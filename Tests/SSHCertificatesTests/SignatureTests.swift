// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SSHCertificates

struct SignatureTests {
    static let message = Array("sign me".utf8)

    static func pairs() throws -> [(TestKey, SSHSignatureAlgorithm)] {
        try (TestKey.all + [.rsa()]).flatMap { key in try key.publicKey.type.signatureAlgorithms.map { (key, $0) } }
    }

    @Test func `a signature in X_509 form verifies in SSH form`() throws {
        for (key, algorithm) in try Self.pairs() {
            let signature = try key.signature(Self.message, algorithm)
            #expect(signature.algorithm == algorithm)
            #expect(try SSHSignature(parsing: signature.blob) == signature)
            let verified = try key.publicKey.verify(signature, over: Self.message)
            #expect(try verified == VerifiedSignature(key: key.publicKey, algorithm: algorithm, securityKey: nil))
            #expect(throws: SSHSignatureError.invalid(algorithm)) {
                try key.publicKey.verify(signature, over: Self.message + [0])
            }
        }
    }

    @Test func `a signature of another kind than the key is refused`() throws {
        let signature = try TestKey.all[0].signature(Self.message)
        let other = try TestKey.all[1].publicKey
        #expect(throws: SSHSignatureError.keyMismatch(.ed25519, .ecdsaP256)) { try other.verify(signature, over: Self.message) }
    }

    @Test func `a damaged signature is refused, never a trap`() throws {
        for (key, algorithm) in try Self.pairs() {
            let publicKey = try key.publicKey
            let blob = try key.signature(Self.message, algorithm).blob
            for bytes in Mutations.bitFlips(blob) {
                #expect(throws: SSHSignatureError.self) {
                    try publicKey.verify(try SSHSignature(parsing: bytes), over: Self.message)
                }
            }
            for bytes in Mutations.wrongLengths(blob) {
                #expect(throws: SSHSignatureError.self) { try SSHSignature(parsing: bytes) }
            }
        }
    }

    @Test func `a damaged X_509 form is refused or another signature, never a trap`() throws {
        for (key, algorithm) in try Self.pairs() {
            let der = try key.x509Signature(Self.message, algorithm)
            for bytes in Mutations.bitFlips(der) {
                guard let signature = try? SSHSignature(x509Encoded: bytes, algorithm: algorithm) else { continue }
                #expect(throws: SSHSignatureError.invalid(algorithm)) {
                    try key.publicKey.verify(signature, over: Self.message)
                }
            }
            guard algorithm != .rsaSHA256, algorithm != .rsaSHA512 else { continue }
            for bytes in Mutations.wrongLengths(der) {
                #expect(throws: SSHSignatureError.malformed(algorithm)) {
                    try SSHSignature(x509Encoded: bytes, algorithm: algorithm)
                }
            }
        }
    }

    @Test(
        arguments: [
            [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00],  // s is zero
            [0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x01],  // r is negative
            [0x30, 0x07, 0x02, 0x02, 0x00, 0x01, 0x02, 0x01, 0x01],  // r is not minimal
            [0x30, 0x81, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01],  // long form of a short length
            [0x30, 0x80, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00, 0x00],  // indefinite length
            [0x31, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01],  // a set
            [0x30, 0x09, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01],  // three numbers
            [0x30, 0x05, 0x02, 0x00, 0x02, 0x01, 0x01], [],
        ] as [[UInt8]])
    func `ECDSA signatures in anything but DER are refused`(_ der: [UInt8]) {
        #expect(throws: SSHSignatureError.malformed(.ecdsaP256)) { try SSHSignature(x509Encoded: der, algorithm: .ecdsaP256) }
    }

    @Test(arguments: [("ssh-rsa", .sha1), ("ssh-dss", .unknownAlgorithm("ssh-dss"))] as [(String, SSHSignatureError)])
    func `SHA-1 and unknown algorithms are refused by name`(_ name: String, _ error: SSHSignatureError) {
        var writer = SSHWireWriter()
        writer.write(string: name)
        writer.write(string: Array(repeating: 1, count: 384))
        #expect(throws: error) { try SSHSignature(parsing: writer.bytes) }
    }

    @Test(arguments: TestSecurityKey.all)
    func `a security key's signature says how it was used`(_ key: TestSecurityKey) throws {
        let publicKey = try key.publicKey
        let touched = try publicKey.verify(try key.signature(Self.message, flags: 1), over: Self.message)
        #expect(touched.securityKey == SecurityKeyUse(isUserVerified: false, counter: 5))
        let verified = try publicKey.verify(try key.signature(Self.message, flags: 5, counter: .max), over: Self.message)
        #expect(verified.securityKey == SecurityKeyUse(isUserVerified: true, counter: .max))
    }

    @Test(arguments: TestSecurityKey.all)
    func `a security key that was not touched does not sign`(_ key: TestSecurityKey) throws {
        let signature = try key.signature(Self.message, flags: 4)
        #expect(throws: SSHSignatureError.userNotPresent) { try key.publicKey.verify(signature, over: Self.message) }
    }

    @Test(arguments: TestSecurityKey.all)
    func `what a security key reports is signed too`(_ key: TestSecurityKey) throws {
        let blob = try key.signature(Self.message, flags: 1).blob
        for bytes in Mutations.bitFlips(blob) {
            #expect(throws: SSHSignatureError.self) {
                try key.publicKey.verify(try SSHSignature(parsing: bytes), over: Self.message)
            }
        }
        for bytes in Mutations.wrongLengths(blob) {
            #expect(throws: SSHSignatureError.self) { try SSHSignature(parsing: bytes) }
        }
    }
}
