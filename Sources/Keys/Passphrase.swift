// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// What encrypts CA keys. It cannot be copied or printed and is overwritten in memory when it goes.
package struct Passphrase: ~Copyable, Sendable {
    /// Marks passphrases of `random()`, so that one that was read back is known to need no slow key derivation.
    private static let randomPrefix = Array("mayfly1-".utf8)
    private static let base64url = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    /// Each carries 6 bits: 258 in all.
    private static let randomCharacters = 43
    private static let maximumBytes = 1_024

    let secret: SecretBytes
    /// Made by `random()`, not chosen by a person.
    package let isRandom: Bool

    private init(_ secret: consuming SecretBytes) {
        isRandom = secret.withSpan { Self.isRandom($0) }
        self.secret = secret
    }

    /// At least 256 bits from the operating system's generator, as text.
    package static func random() -> Passphrase {
        let prefix = randomPrefix
        return Passphrase(
            SecretBytes(count: prefix.count + randomCharacters) { index in
                index < prefix.count ? prefix[index] : base64url[Int.random(in: 0..<base64url.count)]
            })
    }

    /// The one line in a file that nobody but its owner may use, without its line end.
    /// - Throws: the file errors of `KeyError`, `.notOneLine` for control characters (so also for a second line).
    package init(readingFile path: String) throws(KeyError) {
        var bytes = try PrivateFile.read(path, limit: Self.maximumBytes)
        let endsInNewline = bytes.withSpan { $0[$0.count - 1] == UInt8(ascii: "\n") }
        if endsInNewline { bytes.removeLast() }
        guard bytes.count > 0 else { throw .empty(path: path) }
        let hasControlCharacters = bytes.withSpan { span in
            span.indices.contains { span[$0] < 0x20 || span[$0] == 0x7f }
        }
        guard !hasControlCharacters else { throw .notOneLine(path: path) }
        self.init(bytes)
    }

    /// Creates the file with mode 0600, ended by a newline. Never replaces one.
    package func write(to path: String) throws(KeyError) {
        try PrivateFile.create(path) { file in
            try secret.write(to: file)
            try file.writeAll([UInt8(ascii: "\n")])
        }
    }

    private static func isRandom(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count == randomPrefix.count + randomCharacters else { return false }
        return bytes.indices.allSatisfy { index in
            index < randomPrefix.count ? bytes[index] == randomPrefix[index] : base64url.contains(bytes[index])
        }
    }
}
