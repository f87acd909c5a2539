// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Keys

/// A file that must not start a CA: how it comes about, and the error it must give.
struct RefusedKey: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Makes `key.pem` in the directory, encrypted (where it is) with the passphrase of the file `p`.
    let make: @Sendable (TemporaryDirectory) throws -> Void
    let error: @Sendable (_ path: String) -> KeyError

    init(
        _ name: String, _ error: @escaping @Sendable (String) -> KeyError,
        _ make: @escaping @Sendable (TemporaryDirectory) throws -> Void
    ) {
        testDescription = name
        self.error = error
        self.make = make
    }

    static let all = files + texts + [changedVersion] + encryptions + foreignKeys

    /// A valid file, made by the openssl command.
    static func genpkey(_ directory: TemporaryDirectory, _ name: String = "key.pem") throws {
        try directory.run(
            "openssl", "genpkey", "-algorithm", "ED25519", "-aes256", "-pass", "file:p", "-out", name)
        _ = try directory.restrict(name)
    }

    static let files =
        [
            RefusedKey("missing", { .missing(path: $0) }) { _ in },
            RefusedKey("a directory", { .notRegular(path: $0) }) { directory in
                try FileManager.default.createDirectory(atPath: directory.file("key.pem"), withIntermediateDirectories: false)
            },
            RefusedKey("a FIFO without a writer", { .notRegular(path: $0) }) { try $0.run("mkfifo", "-m", "600", "key.pem") },
            RefusedKey("a dangling link", { .missing(path: $0) }) { try $0.run("ln", "-s", "nowhere", "key.pem") },
            RefusedKey("65,537 bytes", { .tooLarge(path: $0, limit: 65_536) }) { directory in
                try directory.write([UInt8](repeating: 10, count: 65_537), to: "key.pem")
            },
            RefusedKey("0 bytes", { .empty(path: $0) }) { try $0.write([], to: "key.pem") },
        ]
        + [0o604, 0o640, 0o620, 0o610, 0o644, 0o666, 0o777, 0o440].map { mode in
            RefusedKey("mode \(String(mode, radix: 8))", { .tooOpen(path: $0, mode: UInt32(mode)) }) { directory in
                try genpkey(directory)
                // Not root's group, which `systemd` credentials have.
                if geteuid() == 0 { try directory.run("chgrp", "12345", "key.pem") }
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: directory.file("key.pem"))
            }
        }

    private static func text(
        _ name: String, _ error: @escaping @Sendable (String) -> KeyError,
        _ change: @escaping @Sendable (String) -> String
    ) -> RefusedKey {
        RefusedKey(name, error) { directory in
            try genpkey(directory)
            let text = String(decoding: try directory.read("key.pem"), as: UTF8.self)
            try directory.write(change(text).utf8, to: "key.pem")
        }
    }

    static let texts = [
        text("not PEM", { .badPEM(path: $0, .notPEM) }) { _ in "hello\n" },
        text("a blank line before", { .badPEM(path: $0, .notPEM) }) { "\n" + $0 },
        text("a comment before", { .badPEM(path: $0, .notPEM) }) { "# CA\n" + $0 },
        text("a line too much", { .badPEM(path: $0, .trailingText) }) { $0 + "\n" },
        text("a comment after", { .badPEM(path: $0, .trailingText) }) { $0 + "-----\n" },
        text("two keys", { .badPEM(path: $0, .severalBlocks) }) { $0 + $0 },
        text("half a file", { .badPEM(path: $0, .truncated) }) { String($0.prefix($0.count / 2)) },
        text("no last line end", { .badPEM(path: $0, .truncated) }) { String($0.dropLast()) },
        text("Windows line ends", { .badPEM(path: $0, .notPEM) }) { $0.replacingOccurrences(of: "\n", with: "\r\n") },
        text("a space in the base64", { .badPEM(path: $0, .malformed) }) {
            $0.replacingOccurrences(of: "KEY-----\nM", with: "KEY-----\n M")
        },
        text("an empty block", { .malformed(path: $0) }) { _ in
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n-----END ENCRYPTED PRIVATE KEY-----\n"
        },
        text("DER of something else", { .malformed(path: $0) }) { _ in
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"
        },
        text("another key's label", { .notPKCS8(path: $0, label: "PUBLIC KEY") }) {
            $0.replacingOccurrences(of: "ENCRYPTED PRIVATE KEY", with: "PUBLIC KEY")
        },
    ]

    /// AES-CBC does not authenticate: a bit of the initialisation vector is a bit of the first block of plain text.
    static let changedVersion = RefusedKey("a PKCS #8 version changed through the IV", { .malformed(path: $0) }) { directory in
        try genpkey(directory)
        var der = try PEM.decode(directory.read("key.pem"), label: KeyFile.label)
        let header: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a, 0x04, 0x10]  // aes256-CBC-PAD, 16 bytes
        let vector = try #require(der.firstRange(of: header)).upperBound
        der[vector + 4] ^= 0x02  // 30 2e 02 01 00: the version is the fifth byte
        try directory.write(PEM.encode(der, label: KeyFile.label), to: "key.pem")
    }

    private static func openssl(
        _ name: String, _ error: @escaping @Sendable (String) -> KeyError, _ script: String
    ) -> RefusedKey {
        RefusedKey(name, error) { directory in
            try directory.run("sh", "-e", "-c", script)
            _ = try directory.restrict("key.pem")
        }
    }

    static let encryptions = [
        openssl("not encrypted", { .notEncrypted(path: $0) }, "openssl genpkey -algorithm ED25519 -out key.pem"),
        openssl(
            "the traditional form", { .notPKCS8(path: $0, label: "EC PRIVATE KEY") },
            "openssl ecparam -name prime256v1 -genkey -noout -out key.pem"),
        openssl(
            "the traditional form, encrypted", { .notPKCS8(path: $0, label: "EC PRIVATE KEY") },
            "openssl ecparam -name prime256v1 -genkey -noout | openssl ec -aes256 -passout file:p -out key.pem"),
        openssl(
            "PBES1", { .unsupportedEncryption(path: $0) },
            "openssl genpkey -algorithm ED25519 | openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout file:p -out key.pem"),
        openssl(
            "Triple DES", { .unsupportedEncryption(path: $0) },
            "openssl genpkey -algorithm ED25519 | openssl pkcs8 -topk8 -v2 des3 -passout file:p -out key.pem"),
        openssl(
            "another passphrase", { .wrongPassphrase(path: $0) },
            "openssl genpkey -algorithm ED25519 -aes256 -pass pass:other -out key.pem"),
    ]

    private static func foreign(_ kind: String, _ script: String) -> RefusedKey {
        openssl(
            kind, { .unsupportedKey(path: $0, kind: kind) },
            script + " | openssl pkcs8 -topk8 -v2 aes-256-cbc -passout file:p -out key.pem")
    }

    static let foreignKeys = [
        foreign("RSA, 2048 bits", "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
        foreign("RSA, 3080 bits", "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3080"),
        foreign(
            "RSA, 3072 bits",
            "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -pkeyopt rsa_keygen_pubexp:3"),
        foreign("RSA-PSS, 3072 bits", "openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:3072"),
        foreign(
            "DSA",
            "openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:1024 -out d; openssl genpkey -paramfile d"),
        foreign("EC, secp256k1", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1"),
        foreign("EC, brainpoolP256r1", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1"),
        foreign(
            "EC, prime256v1",  // the curve given by its parameters
            "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit"),
        foreign("ED448", "openssl genpkey -algorithm ED448"),
        foreign("X25519", "openssl genpkey -algorithm X25519"),
    ]
}
