// SPDX-License-Identifier: Apache-2.0
import Issuance
import Testing

@testable import Keys

struct SigningTests {
    @Test(arguments: KeyAlgorithm.allCases)
    func `a key that is generated, written and loaded signs as the openssl command verifies`(
        _ algorithm: KeyAlgorithm
    ) throws {
        let directory = try TemporaryDirectory()
        let passphrase = Passphrase.random()
        try passphrase.write(to: directory.file("passphrase"))
        let generated = try CAKey.generate(algorithm)
        try KeyFile.write(generated, to: directory.file("ca.pem"), passphrase: passphrase)
        let key = try KeyFile.load(
            directory.file("ca.pem"), passphrase: passphrase, expecting: generated.subjectPublicKeyInfo)
        #expect(key.algorithm == algorithm)

        let publicKey = PEM.encode(key.subjectPublicKeyInfo, label: "PUBLIC KEY")
        try directory.write(publicKey, to: "public.pem")
        let message = randomMessage(700)
        try directory.write(message, to: "message")
        for signatureAlgorithm in key.algorithms {
            try directory.write(key.sign(message, with: signatureAlgorithm), to: "signature")
            try verify(signatureAlgorithm, in: directory)
        }

        // The openssl command opens the file with the passphrase file, and sees the same public key.
        let seen = try directory.run("openssl", "pkey", "-in", "ca.pem", "-passin", "file:passphrase", "-pubout")
        #expect(Array(seen.utf8) == publicKey)
    }

    private func verify(_ algorithm: SignatureAlgorithm, in directory: TemporaryDirectory) throws {
        let output =
            switch algorithm {
            case .ed25519:
                try directory.run(
                    "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "message",
                    "-sigfile", "signature")
            case .ecdsaSHA256, .rsaSHA256: try verify("-sha256", in: directory)
            case .ecdsaSHA384: try verify("-sha384", in: directory)
            case .ecdsaSHA512, .rsaSHA512: try verify("-sha512", in: directory)
            }
        #expect(output.contains("Verified"))
    }

    private func verify(_ digest: String, in directory: TemporaryDirectory) throws -> String {
        try directory.run("openssl", "dgst", digest, "-verify", "public.pem", "-signature", "signature", "message")
    }

    @Test(arguments: KeyAlgorithm.allCases)
    func `signing from many tasks at once gives valid signatures`(_ algorithm: KeyAlgorithm) async throws {
        let key = try CAKey.generate(algorithm)
        let perTask = [.ed25519, .ecdsaP256].contains(algorithm) ? 100 : 3
        let signatures = try await withThrowingTaskGroup(of: [([UInt8], [UInt8])].self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try (0..<perTask).map { _ in
                        let message = randomMessage(64)
                        return (message, try key.sign(message, with: algorithm.signatureAlgorithms[0]))
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(signatures.count == 16 * perTask)
        for (message, signature) in signatures {
            try verifySignature(
                signature, over: message, with: key.algorithms[0], by: key.subjectPublicKeyInfo)
        }
    }

    @Test func `a signature over another message does not verify`() throws {
        let key = try CAKey.generate(.ecdsaP256)
        let signature = try key.sign([1], with: .ecdsaSHA256)
        #expect(throws: OpenSSLError.self) {
            try verifySignature(signature, over: [2], with: .ecdsaSHA256, by: key.subjectPublicKeyInfo)
        }
        #expect(errorQueueIsEmpty)
    }

    @Test func `an empty message can be signed`() throws {
        let key = try CAKey.generate(.ed25519)
        let signature = try key.sign([], with: .ed25519)
        #expect(signature.count == 64)
        try verifySignature(signature, over: [], with: .ed25519, by: key.subjectPublicKeyInfo)
    }

    @Test(arguments: KeyAlgorithm.allCases)
    func `a key refuses the algorithms of other keys`(_ algorithm: KeyAlgorithm) throws {
        let key = try CAKey.generate(algorithm)
        #expect(!key.algorithms.isEmpty)
        for other in SignatureAlgorithm.allCases where !key.algorithms.contains(other) {
            #expect(throws: KeyError.unsupportedAlgorithm(other, key: algorithm)) {
                try key.sign([1], with: other)
            }
        }
    }
}
