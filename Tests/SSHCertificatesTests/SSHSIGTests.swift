// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SSHCertificates

struct SSHSIGTests {
    static let namespace = "login@example.com"
    static let files = Result { try Fixture.all("signatures").filter { $0.hasSuffix(".sig") } }
    static let message = Result { Array(try Fixture.text("signatures/message").utf8) }

    private func key(of file: String) throws -> SSHPublicKey {
        let name = try #require(file.split(separator: "/").last).split(separator: "-").dropLast().joined(separator: "-")
        return try SSHPublicKey(authorizedKey: try Fixture.text("keys/\(name).pub"))
    }

    @Test(arguments: try files.get())
    func `a signature of ssh-keygen verifies and is written back`(_ file: String) throws {
        let text = try Fixture.text(file)
        let signature = try SSHSIG(armored: text)
        #expect(signature.armored == text)
        #expect(file.hasSuffix(signature.hash.rawValue + ".sig"))
        let key = try key(of: file)
        let verified = try signature.verify(message: try Self.message.get(), namespace: Self.namespace, allowedKeys: [key])
        #expect(verified.key == key)
    }

    @Test(arguments: try files.get())
    func `a signature holds for its message, namespace and key only`(_ file: String) throws {
        let signature = try SSHSIG(armored: try Fixture.text(file)), key = try key(of: file), message = try Self.message.get()
        #expect(throws: SSHSIGError.signature(.invalid(signature.signature.algorithm))) {
            try signature.verify(message: message + [0], namespace: Self.namespace, allowedKeys: [key])
        }
        #expect(throws: SSHSIGError.wrongNamespace(Self.namespace)) {
            try signature.verify(message: message, namespace: "file", allowedKeys: [key])
        }
        let others = [try TestKey.all[0].publicKey]
        for keys in [[], others] {
            #expect(throws: SSHSIGError.keyNotAllowed(fingerprint: key.fingerprint)) {
                try signature.verify(message: message, namespace: Self.namespace, allowedKeys: keys)
            }
        }
    }

    @Test(arguments: try files.get())
    func `a damaged signature is refused, never a trap`(_ file: String) throws {
        let blob = try SSHSIG(armored: try Fixture.text(file)).blob, key = try key(of: file), message = try Self.message.get()
        for bytes in Mutations.bitFlips(blob) {
            #expect(throws: SSHSIGError.self) {
                try SSHSIG(parsing: bytes).verify(message: message, namespace: Self.namespace, allowedKeys: [key])
            }
        }
        for bytes in Mutations.wrongLengths(blob) { #expect(throws: SSHSIGError.self) { try SSHSIG(parsing: bytes) } }
    }

    @Test(
        arguments: [
            { "x" + $0 }, { $0 + "x" }, { " " + $0 }, { $0 + "\n" }, { $0.replacingOccurrences(of: "\n", with: "\r\n") },
            { $0.replacingOccurrences(of: "BEGIN SSH", with: "BEGIN PGP") }, { $0.replacingOccurrences(of: "\n", with: "") },
            { $0.replacingOccurrences(of: "U1NI", with: "U1NI\n") }, { $0.replacingOccurrences(of: "U1NI", with: "U1N ") },
            { _ in "" },
            { _ in "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n" },
        ] as [@Sendable (String) -> String])
    func `other armor is refused`(_ change: @Sendable (String) -> String) throws {
        let text = change(try Fixture.text("signatures/ed25519-sha512.sig"))
        #expect(throws: SSHSIGError.malformedArmor) { try SSHSIG(armored: text) }
    }

    @Test func `fields nobody uses are refused by name`() throws {
        let key = try TestKey.all[0].publicKey.blob, signature = try TestKey.all[0].signature([1]).blob
        func parse(
            magic: String = "SSHSIG", version: UInt32 = 1, key other: [UInt8]? = nil, namespace: String = "n",
            reserved: String = "",
            hash: String = "sha512"
        ) throws {
            var writer = SSHWireWriter()
            writer.write(raw: magic.utf8)
            writer.write(uint32: version)
            writer.write(string: other ?? key)
            writer.write(string: namespace)
            writer.write(string: reserved)
            writer.write(string: hash)
            writer.write(string: signature)
            _ = try SSHSIG(parsing: writer.bytes)
        }
        try parse()
        let certificate = try Fixture.blob("certificates/ca-ed25519.pub"), other = try TestKey.all[1].publicKey.blob
        #expect(throws: SSHSIGError.notASignature) { try parse(magic: "SSHSIC") }
        #expect(throws: SSHSIGError.unknownVersion(2)) { try parse(version: 2) }
        #expect(throws: SSHSIGError.publicKey(.isCertificate("ssh-ed25519-cert-v01@openssh.com"))) {
            try parse(key: certificate)
        }
        #expect(throws: SSHSIGError.invalidNamespace) { try parse(namespace: "") }
        #expect(throws: SSHSIGError.reservedNotEmpty) { try parse(reserved: "x") }
        #expect(throws: SSHSIGError.unknownHash("sha1")) { try parse(hash: "sha1") }
        #expect(throws: SSHSIGError.signature(.keyMismatch(.ed25519, .ecdsaP256))) { try parse(key: other) }
    }

    @Test func `ssh-keygen verifies what we sign with every kind of key`() throws {
        let message = try Self.message.get()
        for (key, algorithm) in try SignatureTests.pairs() {
            for hash in [SSHSIG.Hash.sha256, .sha512] {
                let bytes = try SSHSIG.bytesToSign(message: message, namespace: Self.namespace, hash: hash)
                let signature = try SSHSIG(
                    publicKey: key.publicKey, namespace: Self.namespace, hash: hash,
                    signature: try key.signature(bytes, algorithm))
                try expectAccepted(signature, message)
            }
        }
        for key in TestSecurityKey.all {
            let bytes = try SSHSIG.bytesToSign(message: message, namespace: Self.namespace)
            let signature = try SSHSIG(
                publicKey: key.publicKey, namespace: Self.namespace, hash: .sha512,
                signature: try key.signature(bytes, flags: 1))
            try expectAccepted(signature, message)
        }
    }

    private func expectAccepted(_ signature: SSHSIG, _ message: [UInt8]) throws {
        _ = try signature.verify(message: message, namespace: Self.namespace, allowedKeys: [signature.publicKey])
        try withTemporaryDirectory { directory in
            try directory.write("ana@example.com \(try signature.publicKey.authorizedKey())\n", to: "allowed")
            try directory.write(signature.armored, to: "message.sig")
            let arguments = [
                "-Y", "verify", "-f", "allowed", "-I", "ana@example.com", "-n", Self.namespace, "-s", "message.sig",
            ]
            let output = try ForeignProgram.sshKeygen.text(arguments, in: directory, input: message)
            #expect(output.hasPrefix("Good \"\(Self.namespace)\" signature for ana@example.com"))
        }
    }
}
