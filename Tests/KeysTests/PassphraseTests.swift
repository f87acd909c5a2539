// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Keys

struct PassphraseTests {
    @Test func `a random passphrase is written for its owner only and read back as random`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("passphrase")
        try Passphrase.random().write(to: path)
        let text = String(decoding: try directory.read("passphrase"), as: UTF8.self)
        #expect(text.wholeMatch(of: /mayfly1-[A-Za-z0-9_-]{43}\n/) != nil)
        #expect(try permissions(of: path) == 0o600)
        let isRandom = try Passphrase(readingFile: path).isRandom
        #expect(isRandom)
        #expect(throws: KeyError.alreadyExists(path: path)) { try Passphrase.random().write(to: path) }
    }

    @Test func `two random passphrases differ`() throws {
        let directory = try TemporaryDirectory()
        for name in ["a", "b"] { try Passphrase.random().write(to: directory.file(name)) }
        #expect(try directory.read("a") != directory.read("b"))
    }

    @Test(arguments: ["x", chosenPassphrase, "mayfly1-", "mayfly1-short", "pässwörd ", String(repeating: "a", count: 51)])
    func `a passphrase that a person chose is not taken for a random one`(_ text: String) throws {
        let directory = try TemporaryDirectory()
        let isRandom = try Passphrase(readingFile: directory.passphraseFile(text)).isRandom
        #expect(!isRandom)
    }

    @Test func `the line end is optional and not part of the passphrase`() throws {
        let directory = try TemporaryDirectory()
        let key = try CAKey.generate(.ed25519)
        let path = directory.file("ca.pem")
        let written = try Passphrase(readingFile: directory.write("secret".utf8, to: "without"))
        try KeyFile.write(key, to: path, passphrase: written)
        #expect(try refusal(of: path, passphraseFile: directory.write("secret\n".utf8, to: "with")) == nil)
        #expect(
            try refusal(of: path, passphraseFile: directory.write("secret ".utf8, to: "space"))
                == .wrongPassphrase(path: path))
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String { "\(text.count) bytes: \(text.prefix(8)), mode \(String(mode, radix: 8))" }
        var text: [UInt8]
        var mode = 0o600
        var error: @Sendable (String) -> KeyError
    }

    @Test(arguments: [
        Refused(text: []) { .empty(path: $0) },
        Refused(text: [10]) { .empty(path: $0) },
        Refused(text: Array("a\n\n".utf8)) { .notOneLine(path: $0) },
        Refused(text: Array("a\nb\n".utf8)) { .notOneLine(path: $0) },
        Refused(text: Array("a\r\n".utf8)) { .notOneLine(path: $0) },
        Refused(text: [97, 0, 98]) { .notOneLine(path: $0) },
        Refused(text: [UInt8](repeating: 97, count: 1_025)) { .tooLarge(path: $0, limit: 1_024) },
        Refused(text: Array("a\n".utf8), mode: 0o604) { .tooOpen(path: $0, mode: 0o604) },
    ])
    func `a passphrase file that is not one private line is refused`(_ sample: Refused) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(sample.text, to: "passphrase", mode: sample.mode)
        #expect(throws: sample.error(path)) { _ = try Passphrase(readingFile: path) }
    }
}
