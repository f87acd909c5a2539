// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Keys

struct KeyFileTests {
    @Test(arguments: RefusedKey.all)
    func `a file that is not a good CA key is refused for the right reason`(_ sample: RefusedKey) throws {
        let directory = try TemporaryDirectory()
        let passphraseFile = try directory.write("\(chosenPassphrase)\n".utf8, to: "p")
        try sample.make(directory)
        let path = directory.file("key.pem")
        let error = try #require(try refusal(of: path, passphraseFile: passphraseFile))
        #expect(errorQueueIsEmpty)
        #expect(error == sample.error(path))
        #expect(error.description.contains(path))
        #expect(!"\(error) \(String(reflecting: error))".contains(chosenPassphrase))
    }

    @Test(arguments: [
        "-algorithm ED25519",
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-521",
        "-algorithm RSA -pkeyopt rsa_keygen_bits:3072", "-algorithm RSA -pkeyopt rsa_keygen_bits:4096",
    ])
    func `a key made by openssl genpkey is loaded`(_ arguments: String) throws {
        let directory = try TemporaryDirectory()
        let passphraseFile = try directory.write("\(chosenPassphrase)\n".utf8, to: "p")
        try directory.run("sh", "-c", "openssl genpkey \(arguments) -aes256 -pass file:p -out key.pem")
        try directory.run("openssl", "pkey", "-in", "key.pem", "-passin", "file:p", "-pubout", "-out", "public.pem")
        let publicKey = try PEM.decode(directory.read("public.pem"), label: "PUBLIC KEY")
        #expect(
            try refusal(of: directory.restrict("key.pem"), passphraseFile: passphraseFile, expecting: publicKey) == nil)
    }

    @Test func `a key of a person's passphrase is derived by scrypt, of a random one by PBKDF2`() throws {
        let directory = try TemporaryDirectory()
        let key = try CAKey.generate(.ed25519)
        let chosen = try Passphrase(readingFile: directory.passphraseFile())
        try KeyFile.write(key, to: directory.file("chosen.pem"), passphrase: chosen)
        try KeyFile.write(key, to: directory.file("random.pem"), passphrase: .random())
        let slow = try directory.run("openssl", "asn1parse", "-in", "chosen.pem")
        #expect(slow.contains(":scrypt") && slow.contains(":aes-256-cbc") && slow.contains(":4000"))
        let fast = try directory.run("openssl", "asn1parse", "-in", "random.pem")
        #expect(fast.contains(":PBKDF2") && fast.contains(":hmacWithSHA256") && fast.contains(":aes-256-cbc"))
        let loaded = try KeyFile.load(directory.file("chosen.pem"), passphrase: chosen)
        #expect(loaded.subjectPublicKeyInfo == key.subjectPublicKeyInfo)
    }

    @Test func `another key than expected is refused`() throws {
        let directory = try TemporaryDirectory()
        let passphrase = Passphrase.random()
        let path = directory.file("ca.pem")
        try KeyFile.write(CAKey.generate(.ed25519), to: path, passphrase: passphrase)
        let other = try CAKey.generate(.ed25519).subjectPublicKeyInfo
        do throws(KeyError) {
            _ = try KeyFile.load(path, passphrase: passphrase, expecting: other)
            Issue.record("loaded")
        } catch {
            #expect(error == .mismatch(path: path))
        }
    }

    @Test func `a private half that does not belong to its public half is refused`() throws {
        let directory = try TemporaryDirectory()
        let passphraseFile = try directory.write("\(chosenPassphrase)\n".utf8, to: "p")
        for name in ["a", "b"] {
            try directory.run(
                "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-outform", "DER",
                "-out", name)
        }
        // The public point is the last 64 bytes of the plain PKCS #8.
        try directory.write(directory.read("a").dropLast(64) + directory.read("b").suffix(64), to: "mixed")
        try directory.run(
            "openssl", "pkcs8", "-topk8", "-inform", "DER", "-in", "mixed", "-v2", "aes-256-cbc", "-passout", "file:p",
            "-out", "key.pem")
        let path = try directory.restrict("key.pem")
        #expect(try refusal(of: path, passphraseFile: passphraseFile) == .selfTestFailed(path: path))
        #expect(errorQueueIsEmpty)
    }

    @Test(arguments: [KeyAlgorithm.ed25519, .ecdsaP256])
    func `a file with any bit flipped or any end cut off is refused`(_ algorithm: KeyAlgorithm) throws {
        let directory = try TemporaryDirectory()
        let passphrase = Passphrase.random()
        try passphrase.write(to: directory.file("p"))
        let key = try CAKey.generate(algorithm)
        try KeyFile.write(key, to: directory.file("good.pem"), passphrase: passphrase)
        let good = try directory.read("good.pem")
        var damaged = good.indices.map { Array(good[..<$0]) }
        for index in good.indices {
            var bytes = good
            bytes[index] ^= 1 << UInt8(index % 8)
            damaged.append(bytes)
        }
        for bytes in damaged {
            let path = try directory.write(bytes, to: "key.pem")
            let error = try refusal(
                of: path, passphraseFile: directory.file("p"), expecting: key.subjectPublicKeyInfo)
            #expect(error != nil, "\(String(decoding: bytes, as: UTF8.self))")
            #expect(errorQueueIsEmpty)
        }
    }

    /// The key is whole and followed by padding alone; a changed last block makes of the padding whatever comes out.
    @Test func `a file is refused in which something follows the key`() throws {
        let directory = try TemporaryDirectory()
        let passphrase = Passphrase.random()
        try passphrase.write(to: directory.file("p"))
        let key = try CAKey.generate(.ed25519)
        try KeyFile.write(key, to: directory.file("key.pem"), passphrase: passphrase)
        var der = try PEM.decode(directory.read("key.pem"), label: "ENCRYPTED PRIVATE KEY")
        let last = der.count - 1
        for change in 1..<2_500 {
            (der[last], der[last - 1]) = (UInt8(change % 256), UInt8(change / 256))
            let path = try directory.write(PEM.encode(der, label: "ENCRYPTED PRIVATE KEY"), to: "key.pem")
            let error = try refusal(
                of: path, passphraseFile: directory.file("p"), expecting: key.subjectPublicKeyInfo)
            #expect(error == .wrongPassphrase(path: path), "\(change)")
        }
    }

    @Test func `a written key is for its owner only, and leaves nothing else behind`() throws {
        let directory = try TemporaryDirectory()
        try KeyFile.write(CAKey.generate(.ed25519), to: directory.file("ca.pem"), passphrase: .random())
        #expect(try permissions(of: directory.file("ca.pem")) == 0o600)
        #expect(try directory.names() == ["ca.pem"])
    }

    @Test func `an existing key is never overwritten`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write([1, 2, 3], to: "ca.pem")
        let key = try CAKey.generate(.ed25519)
        #expect(throws: KeyError.alreadyExists(path: path)) {
            try KeyFile.write(key, to: path, passphrase: .random())
        }
        #expect(try directory.read("ca.pem") == [1, 2, 3])
        #expect(try directory.names() == ["ca.pem"])
    }

    @Test func `a key is not written into a directory that does not exist`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("keys/ca.pem")
        let key = try CAKey.generate(.ed25519)
        #expect(throws: KeyError.system(path: path, operation: "create", errno: ENOENT)) {
            try KeyFile.write(key, to: path, passphrase: .random())
        }
    }

    @Test func `a link to a good key is followed`() throws {
        let directory = try TemporaryDirectory()
        let passphrase = Passphrase.random()
        try KeyFile.write(CAKey.generate(.ed25519), to: directory.file("ca.pem"), passphrase: passphrase)
        try directory.run("ln", "-s", "ca.pem", "link.pem")
        _ = try KeyFile.load(directory.file("link.pem"), passphrase: passphrase)
    }
}
