// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import Foundation
import Testing

@testable import SSHCertificates

struct SubjectPublicKeyInfoTests {
    @Test func `every kind of CA key becomes its SSH key`() throws {
        let keys = try TestKey.all + [.rsa()]
        #expect(try keys.map { try $0.publicKey.type } == [.ed25519, .ecdsaP256, .ecdsaP384, .ecdsaP521, .rsa])
        for key in keys { #expect(try SSHPublicKey(parsing: key.publicKey.blob) == key.publicKey) }
    }

    @Test(arguments: ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "rsa-3072"])
    func `the result is the key ssh-keygen exports`(_ name: String) throws {
        let pem = try withTemporaryDirectory {
            try ForeignProgram.sshKeygen.text(["-e", "-m", "PKCS8", "-f", Fixture.url("keys/\(name).pub").path], in: $0)
        }
        let base64 = pem.split(separator: "\n").dropFirst().dropLast().joined()
        let der = Array(try #require(Data(base64Encoded: base64)))
        #expect(try SSHPublicKey(subjectPublicKeyInfo: der).blob == Fixture.blob("keys/\(name).pub"))
    }

    @Test func `damaged DER is refused or another key, never a trap`() throws {
        for key in try TestKey.all + [.rsa()] {
            let der = key.subjectPublicKeyInfo
            for bytes in Mutations.bitFlips(der) {
                if let key = try? SSHPublicKey(subjectPublicKeyInfo: bytes) {
                    #expect(try SSHPublicKey(parsing: key.blob) == key)
                }
            }
            for bytes in Mutations.wrongLengths(der) {
                #expect(throws: SSHKeyError.unsupportedSubjectPublicKeyInfo) { try SSHPublicKey(subjectPublicKeyInfo: bytes) }
            }
        }
    }

    @Test func `a weak RSA key is refused by name, PKCS 1 and X25519 are not taken for something else`() throws {
        let weak = try _RSA.Signing.PrivateKey(keySize: .bits2048).publicKey
        #expect(throws: SSHKeyError.rsaTooWeak(bits: 2048)) {
            try SSHPublicKey(subjectPublicKeyInfo: Array(weak.derRepresentation))
        }
        #expect(throws: SSHKeyError.unsupportedSubjectPublicKeyInfo) {
            try SSHPublicKey(subjectPublicKeyInfo: Array(weak.pkcs1DERRepresentation))
        }
        var x25519 = TestKey.all[0].subjectPublicKeyInfo
        x25519[8] = 0x6e
        #expect(throws: SSHKeyError.unsupportedSubjectPublicKeyInfo) { try SSHPublicKey(subjectPublicKeyInfo: x25519) }
    }
}
