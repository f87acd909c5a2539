// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Testing

@testable import AuditLog

@Suite struct CheckpointTests {
    private let key = Curve25519.Signing.PrivateKey()
    private let head: TreeHead

    init() throws {
        head = try MemoryLog(size: 300).frontier.head
    }

    private func verifier(_ name: String = "ca.example.com/log") throws -> CheckpointVerifier {
        try CheckpointVerifier(name: name, publicKey: Array(key.publicKey.rawRepresentation))
    }

    private func signed(_ checkpoint: Checkpoint) throws -> SignedCheckpoint {
        let signature = try key.signature(for: checkpoint.signingBody)
        return try SignedCheckpoint(checkpoint, signature: Array(signature), by: try verifier(checkpoint.origin))
    }

    @Test func `a checkpoint that openssl signed is verified`() throws {
        let verifier = try CheckpointVerifier(vkey: String(try Fixture.text("log.pub").dropLast()))
        let text = try Fixture.text("checkpoint.txt")
        let checkpoint = try verifier.verified(SignedCheckpoint(parsing: text))
        #expect(checkpoint.origin == "log.example.com/mayfly")
        #expect(checkpoint.head == (try MemoryLog(leafHashes: KnownTreeTests.leaves.map(MerkleHash.leaf)).frontier.head))
        #expect(try SignedCheckpoint(parsing: text).text == text)
        #expect(verifier.vkey + "\n" == (try Fixture.text("log.pub")))
    }

    /// The example in the documentation of Go's `sumdb/note`.
    @Test func `the published example of a signed note is verified`() throws {
        let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        let text = """
            If you think cryptography is the answer to your problem,
            then you don't know what your problem is.

            """
        let blob = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
        let verifier = try CheckpointVerifier(vkey: vkey)
        #expect(verifier.vkey == vkey)
        let signature = try #require(StrictBase64.decode(blob))
        #expect(Array(signature.prefix(4)) == [0xc7, 0x4f, 0x20, 0xa3])
        #expect(verifier.isValid(Array(signature.dropFirst(4)), over: Array(text.utf8)))
        #expect(!verifier.isValid(Array(signature.dropFirst(4)), over: Array(text.dropLast().utf8)))
    }

    /// C2SP tlog-checkpoint.
    @Test func `the example of the specification is read`() throws {
        let text = """
            example.com/behind-the-sofa
            20852163
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

            — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

            """
        let signed = try SignedCheckpoint(parsing: text)
        #expect(signed.unverified.size == 20_852_163)
        #expect(signed.signatures.map(\.keyID) == [0x033d_e0ae])
        #expect(signed.text == text)
    }

    @Test func `what is signed is what is read back`() throws {
        for head in [head, .empty, TreeHead(size: .max, root: head.root)] {
            let checkpoint = try Checkpoint(origin: "ca.example.com/log", head: head)
            let read = try SignedCheckpoint(parsing: Array(try signed(checkpoint).text.utf8))
            #expect(read.unverified == checkpoint)
            #expect(try verifier().verified(read) == checkpoint)
        }
    }

    @Test func `signatures of witnesses are kept and ignored`() throws {
        let ours = try signed(Checkpoint(origin: "ca.example.com/log", head: head)).text
        let witness = "— witness.example.com/w1 \(StrictBase64.encode([UInt8](repeating: 7, count: 76)))\n"
        let read = try SignedCheckpoint(parsing: ours + witness)
        #expect(read.signatures.map(\.name) == ["ca.example.com/log", "witness.example.com/w1"])
        #expect(read.text == ours + witness)
        #expect(try verifier().verified(read).head == head)
    }

    @Test func `a checkpoint of another log, another key or without our signature is refused`() throws {
        let ours = try signed(Checkpoint(origin: "ca.example.com/log", head: head))
        #expect(throws: CheckpointError.otherLog(origin: "ca.example.com/log", expected: "other.example.com/log")) {
            try verifier("other.example.com/log").verified(ours)
        }
        let stranger = Curve25519.Signing.PrivateKey().publicKey.rawRepresentation
        let other = try CheckpointVerifier(name: "ca.example.com/log", publicKey: Array(stranger))
        #expect(throws: CheckpointError.notSigned(by: "ca.example.com/log")) { try other.verified(ours) }
    }

    @Test func `a wrong signature is refused, when reading and when putting together`() throws {
        let checkpoint = try Checkpoint(origin: "ca.example.com/log", head: head)
        let verifier = try verifier()
        for bad in [[], [UInt8](repeating: 0, count: 64), [UInt8](repeating: 1, count: 65)] {
            #expect(throws: CheckpointError.badSignature(by: "ca.example.com/log")) {
                try SignedCheckpoint(checkpoint, signature: bad, by: verifier)
            }
        }
        let longer = try Checkpoint(origin: checkpoint.origin, head: TreeHead(size: 301, root: head.root))
        let text = try signed(checkpoint).text.replacing(checkpoint.text, with: longer.text)
        #expect(throws: CheckpointError.badSignature(by: "ca.example.com/log")) {
            try verifier.verified(SignedCheckpoint(parsing: text))
        }
    }

    static let signature = StrictBase64.encode([UInt8](repeating: 7, count: 68))
    static let root = MerkleHash.leaf([]).base64
    static let valid = "log.example.com\n5\n\(root)\n\n— log.example.com \(signature)\n"

    static func changing(_ part: String, to replacement: String) -> String {
        valid.replacing(part, with: replacement)
    }

    static let malformed: [(String, CheckpointError)] = [
        ("", .body),
        ("\n", .body),
        (String(valid.dropLast()), .body),
        ("\(valid)\n", .signatureLine),
        ("\n\(valid)", .body),
        (changing("\n5\n", to: "\n05\n"), .size),
        (changing("\n5\n", to: "\n+5\n"), .size),
        (changing("\n5\n", to: "\n-5\n"), .size),
        (changing("\n5\n", to: "\n 5\n"), .size),
        (changing("\n5\n", to: "\n٥\n"), .size),
        (changing("\n5\n", to: "\n18446744073709551616\n"), .size),
        (changing("\n5\n", to: "\n0\n"), .root),
        (changing(root, to: String(root.dropLast())), .root),
        (changing(root, to: "AAAA"), .root),
        (changing("\n\n", to: "\nextension\n\n"), .body),
        (changing("\n\n", to: "\n\n\n"), .signatureLine),
        (changing("\n", to: "\r\n"), .notText),
        (changing("log.example.com\n", to: "log\u{0}\n"), .notText),
        (changing("log.example.com", to: "log example"), .name),
        (changing("log.example.com", to: "a+b"), .name),
        (changing("log.example.com", to: "löG"), .name),
        (changing("log.example.com", to: String(repeating: "a", count: 256)), .name),
        (changing("— log", to: "- log"), .signatureLine),
        (changing("— log.example.com ", to: "— log.example.com  "), .signatureLine),
        (changing("— log.example.com ", to: "— "), .signatureLine),
        (changing(signature, to: "AAAAAA=="), .signatureLine),
        (changing(signature, to: "!"), .signatureLine),
        (String(valid.prefix(while: { $0 != "—" })), .signatureLine),
        ("\(valid)— log.example.com \(signature)\n", .duplicateSignature(name: "log.example.com")),
        (String(repeating: "a", count: SignedCheckpoint.maximumBytes + 1), .tooLong(limit: SignedCheckpoint.maximumBytes)),
    ]

    @Test(arguments: malformed)
    func `malformed text is refused for its reason`(text: String, error: CheckpointError) {
        #expect(throws: error) { try SignedCheckpoint(parsing: text) }
        #expect(throws: error) { try SignedCheckpoint(parsing: Array(text.utf8)) }
    }

    @Test func `16 signatures are read and 17 are refused`() throws {
        let lines = (1...17).map { "— witness\($0).example.com \(Self.signature)\n" }
        #expect(try SignedCheckpoint(parsing: Self.valid + lines.prefix(15).joined()).signatures.count == 16)
        #expect(throws: CheckpointError.tooManySignatures(limit: 16)) {
            try SignedCheckpoint(parsing: Self.valid + lines.prefix(16).joined())
        }
    }

    @Test func `a truncated or bit-flipped checkpoint is refused or no longer verifies`() throws {
        let verifier = try CheckpointVerifier(vkey: String(try Fixture.text("log.pub").dropLast()))
        let bytes = Array(try Fixture.text("checkpoint.txt").utf8)
        for length in bytes.indices {
            #expect(throws: CheckpointError.self) { try SignedCheckpoint(parsing: Array(bytes.prefix(length))) }
        }
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                guard let read = try? SignedCheckpoint(parsing: flipped) else { continue }
                #expect(Array(read.text.utf8) == flipped)
                #expect(throws: CheckpointError.self) { try verifier.verified(read) }
            }
        }
    }
}

@Suite struct CheckpointVerifierTests {
    static let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    static let malformed: [(String, CheckpointError)] = [
        ("", .verifierKey),
        ("PeterNeumann", .verifierKey),
        ("PeterNeumann+c74f20a3", .verifierKey),
        (vkey + "\n", .verifierKey),
        (vkey + "=", .verifierKey),
        (vkey.replacing("+AR", with: "+BR"), .verifierKey),
        (vkey.replacing("+ARpc", with: "+"), .verifierKey),
        (String(vkey.dropLast(4)), .publicKeyLength(29)),
        (vkey + "AAAA", .publicKeyLength(35)),
        (vkey.replacing("c74f20a3", with: "C74F20A3"), .verifierKeyID),
        (vkey.replacing("c74f20a3", with: "c74f20a4"), .verifierKeyID),
        (vkey.replacing("c74f20a3", with: ""), .verifierKeyID),
        (vkey.replacing("PeterNeumann", with: "PeterNewmann"), .verifierKeyID),
        (vkey.replacing("PeterNeumann", with: ""), .name),
        (vkey.replacing("PeterNeumann", with: "Peter Neumann"), .name),
    ]

    @Test(arguments: malformed)
    func `a malformed verifier key is refused for its reason`(text: String, error: CheckpointError) {
        #expect(throws: error) { try CheckpointVerifier(vkey: text) }
    }

    @Test func `every flipped bit of a verifier key is noticed`() throws {
        let bytes = Array(Self.vkey.utf8)
        for index in bytes.indices {
            for bit in 0..<7 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                guard let text = String(validating: flipped, as: UTF8.self) else { continue }
                #expect(throws: CheckpointError.self) { try CheckpointVerifier(vkey: text) }
            }
        }
    }

    @Test func `the key of a signer is taken from its SubjectPublicKeyInfo`() throws {
        let raw = [UInt8](repeating: 9, count: 32)
        let prefix: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
        let verifier = try CheckpointVerifier(name: "log", subjectPublicKeyInfo: prefix + raw)
        #expect(verifier == (try CheckpointVerifier(name: "log", publicKey: raw)))
        #expect(try CheckpointVerifier(vkey: verifier.vkey) == verifier)
        #expect(throws: CheckpointError.publicKeyLength(31)) {
            try CheckpointVerifier(name: "log", subjectPublicKeyInfo: prefix + raw.dropLast())
        }
        #expect(throws: CheckpointError.publicKeyAlgorithm) {
            try CheckpointVerifier(name: "log", subjectPublicKeyInfo: [0x30, 0x59] + raw)
        }
    }
}
