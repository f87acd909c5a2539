// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SSHCertificates

struct AuthorizedKeyTests {
    static let line = Result { try Fixture.text("keys/ed25519.pub").split(separator: " ").prefix(2).joined(separator: " ") }

    @Test(arguments: ["", " ana@example.com", " Ana's Schlüssel, 2026", "\n", " ana\n"])
    func `a comment and one line end are accepted`(_ tail: String) throws {
        let line = try Self.line.get()
        #expect(try SSHPublicKey(authorizedKey: line + tail).authorizedKey() == line)
    }

    @Test(
        arguments: [
            ("%@\r\n", .controlCharacter), ("%@\n\n", .controlCharacter), ("%@\n%@\n", .controlCharacter),
            ("%@ a\tb", .controlCharacter),
            ("%@ a\0", .controlCharacter), (" %@", .malformedLine), ("", .malformedLine), ("\n", .malformedLine),
            ("ssh-ed25519", .malformedLine), ("ssh-ed25519  AAAA", .malformedLine), ("sshéd AAAA", .malformedLine),
            ("%@=", .invalidBase64), ("%@!", .invalidBase64), ("ssh-ed25519 AAAA", .wire(.truncated(field: "key type"))),
            ("restrict %@", .hasOptions), (#"command="ls -l",no-pty %@"#, .hasOptions), ("cert-authority %@", .hasOptions),
            ("# %@", .hasOptions), ("ssh-ed448 AAAA", .unknownType("ssh-ed448")),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", .looksLikePEM),
            ("ssh-ed25519\u{301} AAAA", .malformedLine),
        ] as [(String, SSHKeyError)])
    func `any other line is refused with the reason`(_ format: String, _ error: SSHKeyError) throws {
        let text = format.replacingOccurrences(of: "%@", with: try Self.line.get())
        #expect(throws: error) { try SSHPublicKey(authorizedKey: text) }
    }

    @Test func `the type in front must be the one inside`() throws {
        let blob = try #require(try Self.line.get().split(separator: " ").last)
        #expect(throws: SSHKeyError.typeMismatch(line: "ssh-rsa", blob: "ssh-ed25519")) {
            try SSHPublicKey(authorizedKey: "ssh-rsa \(blob)")
        }
    }

    @Test func `a long line is refused before it is read`() {
        let text = String(repeating: "a", count: SSHLimits.authorizedKeyLine + 1)
        #expect(throws: SSHKeyError.lineTooLong(limit: SSHLimits.authorizedKeyLine)) { try SSHPublicKey(authorizedKey: text) }
    }

    @Test(arguments: ["a\nssh-rsa AAAA", "a\0", String(repeating: "a", count: 1025)])
    func `a comment that would break the line is not written`(_ comment: String) throws {
        let key = try SSHPublicKey(authorizedKey: try Self.line.get())
        #expect(throws: SSHKeyError.invalidComment) { try key.authorizedKey(comment: comment) }
    }
}
