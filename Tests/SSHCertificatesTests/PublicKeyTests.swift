// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SSHCertificates

struct PublicKeyTests {
    static let files = Result { try Fixture.all("keys") }

    @Test(arguments: try files.get())
    func `a key is read from its line and written back`(_ file: String) throws {
        let line = try Fixture.text(file)
        let key = try SSHPublicKey(authorizedKey: line)
        let comment = try #require(line.split(separator: " ").last).dropLast()
        #expect(try key.authorizedKey(comment: String(comment)) + "\n" == line)
        #expect(try key.blob == Fixture.blob(file))
        #expect(SSHPublicKey(key.material) == key)
    }

    @Test func `there is a fixture of every type`() throws {
        let types = try Self.files.get().map { try SSHPublicKey(authorizedKey: try Fixture.text($0)).type }
        #expect(Set(types) == Set(SSHKeyType.allCases))
    }

    @Test(arguments: try files.get())
    func `the fingerprint is the one of ssh-keygen`(_ file: String) throws {
        let key = try SSHPublicKey(authorizedKey: try Fixture.text(file))
        let listed = try withTemporaryDirectory {
            try ForeignProgram.sshKeygen.text(["-l", "-f", Fixture.url(file).path], in: $0)
        }
        #expect(listed.split(separator: " ").dropFirst().first.map(String.init) == key.fingerprint)
    }

    @Test(arguments: try files.get())
    func `a damaged key is refused or another key, never a trap`(_ file: String) throws {
        for bytes in Mutations.bitFlips(try Fixture.blob(file)) {
            guard let key = try? SSHPublicKey(parsing: bytes) else { continue }
            #expect(key.blob == bytes && SSHPublicKey(key.material).blob == bytes)
        }
        for bytes in Mutations.wrongLengths(try Fixture.blob(file)) {
            #expect(throws: SSHKeyError.self) { try SSHPublicKey(parsing: bytes) }
        }
    }

    @Test func `weak RSA and DSA keys are refused by name`() throws {
        let rsa = try Fixture.text("refused-keys/rsa-2048.pub"), dsa = try Fixture.text("refused-keys/dsa.pub")
        #expect(throws: SSHKeyError.rsaTooWeak(bits: 2048)) { try SSHPublicKey(authorizedKey: rsa) }
        #expect(throws: SSHKeyError.obsoleteType("ssh-dss")) { try SSHPublicKey(authorizedKey: dsa) }
    }

    @Test(arguments: try Fixture.all("certificates"))
    func `a certificate is refused where a key is wanted`(_ file: String) throws {
        let line = try Fixture.text(file)
        let type = try #require(line.split(separator: " ").first.map(String.init))
        #expect(throws: SSHKeyError.isCertificate(type)) { try SSHPublicKey(authorizedKey: line) }
        #expect(throws: SSHKeyError.isCertificate(type)) { try SSHPublicKey(parsing: try Fixture.blob(file)) }
    }

    @Test(arguments: Malformed.blobs)
    func `a malformed key is refused with the reason`(_ sample: Malformed) {
        #expect(throws: sample.error) { try SSHPublicKey(parsing: sample.bytes) }
    }

    @Test func `an oversized blob is refused before it is read`() {
        let blob = [UInt8](repeating: 0, count: SSHLimits.keyBlob + 1)
        #expect(throws: SSHKeyError.wire(.tooLong(field: "key", limit: SSHLimits.keyBlob))) { try SSHPublicKey(parsing: blob) }
    }

    struct Malformed: Sendable {
        let bytes: [UInt8]
        let error: SSHKeyError

        init(_ error: SSHKeyError, _ write: (inout SSHWireWriter) -> Void) {
            var writer = SSHWireWriter()
            write(&writer)
            bytes = writer.bytes
            self.error = error
        }

        static func rsa(_ error: SSHKeyError, e: [UInt8], n: [UInt8]) -> Malformed {
            Malformed(error) {
                $0.write(string: "ssh-rsa")
                $0.write(magnitude: e)
                $0.write(magnitude: n)
            }
        }

        static func ed25519(_ error: SSHKeyError, _ point: [UInt8]) -> Malformed {
            Malformed(error) {
                $0.write(string: "ssh-ed25519")
                $0.write(string: point)
            }
        }

        static func ecdsa(_ error: SSHKeyError, curve: String, _ point: [UInt8]) -> Malformed {
            Malformed(error) {
                $0.write(string: "ecdsa-sha2-nistp256")
                $0.write(string: curve)
                $0.write(string: point)
            }
        }

        private static let f4: [UInt8] = [1, 0, 1]
        private static func modulus(bits: Int) -> [UInt8] {
            [UInt8(1 << ((bits - 1) % 8))] + Array(repeating: 1, count: (bits - 1) / 8)
        }

        static let blobs: [Malformed] = [
            Malformed(.wire(.truncated(field: "key type"))) { _ in },
            Malformed(.unknownType("ssh-ed448")) { $0.write(string: "ssh-ed448") },
            Malformed(.wire(.notText(field: "key type"))) { $0.write(string: "ssh-ed25519\0") },
            ed25519(.wire(.tooLong(field: "Ed25519 point", limit: 32)), Array(1...33)),
            ed25519(.invalidPoint(.ed25519), Array(1...31)),
            ed25519(.invalidPoint(.ed25519), Array(repeating: 0, count: 32)),
            ed25519(.invalidPoint(.ed25519), [1] + Array(repeating: 0, count: 30) + [0x80]),
            ed25519(.invalidPoint(.ed25519), [0xec] + Array(repeating: 0xff, count: 31)),
            ed25519(.invalidPoint(.ed25519), [0xee] + Array(repeating: 0xff, count: 30) + [0x7f]),
            ecdsa(.curveMismatch(.ecdsaP256, curve: "nistp384"), curve: "nistp384", [4] + Array(repeating: 1, count: 64)),
            ecdsa(.invalidPoint(.ecdsaP256), curve: "nistp256", [4] + Array(repeating: 1, count: 64)),
            ecdsa(.invalidPoint(.ecdsaP256), curve: "nistp256", [2] + Array(repeating: 1, count: 32)),
            ecdsa(.invalidPoint(.ecdsaP256), curve: "nistp256", [0]),
            ecdsa(.invalidPoint(.ecdsaP256), curve: "nistp256", []),
            ecdsa(.wire(.tooLong(field: "curve point", limit: 65)), curve: "nistp256", Array(repeating: 4, count: 66)),
            rsa(.rsaTooWeak(bits: 0), e: f4, n: []),
            rsa(.rsaTooWeak(bits: 3071), e: f4, n: modulus(bits: 3071)),
            rsa(.rsaTooLarge(bits: 8193), e: f4, n: modulus(bits: 8193)),
            rsa(.rsaInvalidModulus, e: f4, n: Array(repeating: 0xfe, count: 384)),
            rsa(.rsaInvalidExponent, e: [], n: modulus(bits: 3072)),
            rsa(.rsaInvalidExponent, e: [3], n: modulus(bits: 3072)),
            rsa(.rsaInvalidExponent, e: [1, 0, 2], n: modulus(bits: 3072)),
            rsa(.rsaInvalidExponent, e: [1, 0, 0, 0, 1], n: modulus(bits: 3072)),
            Malformed(.wire(.negative(field: "RSA exponent"))) {
                $0.write(string: "ssh-rsa")
                $0.write(string: [0x80])
            },
            Malformed(.emptyApplication) {
                $0.write(string: "sk-ssh-ed25519@openssh.com")
                $0.write(string: Array(1...32))
                $0.write(string: "")
            },
            Malformed(.wire(.notText(field: "security key application"))) {
                $0.write(string: "sk-ssh-ed25519@openssh.com")
                $0.write(string: Array(1...32))
                $0.write(string: "ssh:\n")
            },
        ]
    }
}
