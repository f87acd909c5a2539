// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SSHCertificates

struct CertificateContentsTests {
    @Test func `what is to be signed reads back as what was decided`() throws {
        let contents = try Sample.contents {
            $0.criticalOptions = try SSHCriticalOptions(
                forceCommand: "uptime", sourceAddresses: [try SSHAddressRange("10.0.0.0/8")])
            $0.extensions = try SSHExtensions([.standard(.permitPTY), .other(name: "a@example.com", data: [1])])
        }
        #expect(try SSHCertificateContents(parsingToBeSigned: contents.toBeSigned()) == contents)
    }

    @Test func `principals are sorted by bytes`() throws {
        #expect(try SSHPrincipals(["b", "a@zone:x", "B", "a"]).names == ["B", "a", "a@zone:x", "b"])
    }

    @Test(
        arguments: [
            ([], .noPrincipals), ([""], .invalidPrincipal("")),
            (["a", "b", "a"], .duplicate(field: "valid principals", name: "a")),
            (["a,b"], .invalidPrincipal("a,b")), (["a b"], .invalidPrincipal("a b")), (["a\0"], .invalidPrincipal("a\0")),
            (["ä"], .invalidPrincipal("ä")), (["\u{212a}"], .invalidPrincipal("\u{212a}")),
            ([String(repeating: "a", count: 256)], .invalidPrincipal(String(repeating: "a", count: 256))),
            ((0...256).map { "u\($0)" }, .tooManyPrincipals),
            ((0..<256).map { "\($0)" + String(repeating: "x", count: 150) }, .principalsTooLong),
        ] as [([String], SSHCertificateError)])
    func `bad principals are refused`(_ names: [String], _ error: SSHCertificateError) {
        #expect(throws: error) { try SSHPrincipals(names) }
    }

    @Test(arguments: ["web1.prod.example.com", "localhost", "a-b.1x", "192.0.2.7", "2001:db8::7", "::1"])
    func `a host certificate names hosts`(_ name: String) throws {
        let contents = try Sample.contents {
            $0.kind = .host; $0.principals = [name]
        }
        #expect(contents.principals.names == [name])
    }

    @Test(arguments: [
        "*.example.com", "*", "Web1.example.com", "web1.example.com.", ".example.com", "a..b", "-a", "a-", "a_b", "[::1]:22",
        "web1:22",
        "1.2.3", "1.2.3.04", "256.1.1.1", "fe80::1%eth0", "::ffff:192.0.2.1", "!web1", "root@web1", "2001:DB8::7",
        String(repeating: "a", count: 64), Array(repeating: "a", count: 127).joined(separator: ".") + ".b",
    ])
    func `a host certificate names nothing else`(_ name: String) {
        #expect(throws: SSHCertificateError.invalidHostName(name)) {
            try Sample.contents {
                $0.kind = .host; $0.principals = [name]
            }
        }
    }

    @Test(arguments: [
        "10.0.0.0/8", "192.0.2.7", "0.0.0.0/0", "255.255.255.255/32", "2001:db8::/32", "::/0", "1:2:3:4:5:6:7:8", "FE80::/10",
        "1::",
    ])
    func `addresses and ranges are accepted as source`(_ text: String) throws {
        #expect(try SSHAddressRange(text).description == text)
    }

    @Test(arguments: [
        "", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0",
        "010.0.0.0",
        "10.0.0.0 ", "example.com", "*", "!10.0.0.0/8", "2001:db8::1/32", "::/129", "1:2:3:4:5:6:7", "1::2::3", ":::",
        "1:2:3:4:5:6:7:8::",
        "::ffff:10.0.0.1", "fe80::1%eth0", "12345::", "+1::", "10.0.0.0/8,0.0.0.0/0",
    ])
    func `anything else is refused as source`(_ text: String) {
        #expect(throws: SSHCertificateError.invalidSourceAddress(text)) { try SSHAddressRange(text) }
    }

    @Test(arguments: ["", "a\nb", "a\0", "a\u{85}", String(repeating: "x", count: 4097)])
    func `a bad forced command is refused`(_ command: String) {
        #expect(throws: SSHCertificateError.invalidForceCommand) { try SSHCriticalOptions(forceCommand: command) }
    }

    @Test func `a source twice, in whatever spelling, is refused`() throws {
        let ranges = [try SSHAddressRange("::1"), try SSHAddressRange("0::1/128")]
        #expect(throws: SSHCertificateError.duplicate(field: "source-address", name: "0::1/128")) {
            try SSHCriticalOptions(sourceAddresses: ranges)
        }
    }

    @Test(arguments: ["permit-pty", "", "a b", "a,b", "é@example.com"])
    func `an extension that is misnamed is refused`(_ name: String) {
        #expect(throws: SSHCertificateError.invalidExtension(name)) { try SSHExtensions([.other(name: name, data: [])]) }
    }

    @Test(
        arguments: [
            (0, 0, .emptyValidity), (5, 5, .emptyValidity), (6, 5, .emptyValidity), (0, .max, .endlessValidity),
            (.max, .max, .endlessValidity),
        ] as [(UInt64, UInt64, SSHCertificateError)])
    func `an empty or endless validity is refused`(_ after: UInt64, _ before: UInt64, _ error: SSHCertificateError) {
        #expect(throws: error) { try SSHValidity(validAfter: after, validBefore: before) }
    }

    @Test func `validity includes its first second and not its last`() throws {
        let validity = try SSHValidity(validAfter: 10, validBefore: 20)
        #expect([9, 10, 19, 20].map { validity.contains(secondsSince1970: $0) } == [false, true, true, false])
    }

    @Test(arguments: ["", "a\nb", "ä", String(repeating: "a", count: 256)])
    func `a bad key id is refused`(_ keyID: String) {
        #expect(throws: SSHCertificateError.invalidKeyID) { try Sample.contents { $0.keyID = keyID } }
    }

    @Test func `what belongs together is checked together`() throws {
        #expect(throws: SSHCertificateError.serialZero) { try Sample.contents { $0.serial = 0 } }
        #expect(throws: SSHCertificateError.nonceLength(16)) { try Sample.contents { $0.nonce = Array(1...16) } }
        #expect(throws: SSHCertificateError.securityKeyAsCA) {
            try Sample.contents { $0.signatureKey = try TestSecurityKey.all[0].publicKey }
        }
        #expect(throws: SSHCertificateError.verifyRequiresSecurityKey(.ecdsaP256)) {
            try Sample.contents { $0.criticalOptions = try SSHCriticalOptions(verifyRequired: true) }
        }
        #expect(throws: SSHCertificateError.optionOnHostCertificate("permit-pty")) {
            try Sample.contents {
                $0.kind = .host; $0.principals = ["web1"]; $0.extensions = try SSHExtensions(Set([.permitPTY]))
            }
        }
        #expect(throws: SSHCertificateError.optionOnHostCertificate("force-command")) {
            try Sample.contents {
                $0.kind = .host; $0.principals = ["web1"]; $0.criticalOptions = try SSHCriticalOptions(forceCommand: "id")
            }
        }
    }

    @Test func `only a signature of the CA over these contents makes a certificate`() throws {
        let contents = try Sample.contents()
        let wrongBytes = try TestKey.all[0].signature([1])
        #expect(throws: SSHCertificateError.signature(.invalid(.ed25519))) { try contents.signed(with: wrongBytes) }
        let wrongKind = try TestKey.all[2].signature(contents.toBeSigned())
        for verifying in [true, false] {
            #expect(throws: SSHCertificateError.signature(.keyMismatch(.ecdsaP384, .ed25519))) {
                try contents.signed(with: wrongKind, verifying: verifying)
            }
        }
        let right = try TestKey.all[0].signature(contents.toBeSigned())
        #expect(try contents.signed(with: right) == contents.signed(with: right, verifying: false))
    }

    @Test func `the largest contents fit the limit of a certificate`() throws {
        let text = { (count: Int) in String(repeating: "x", count: count) }
        let contents = try Sample.contents {
            $0.publicKey = SSHPublicKey(
                try SSHKeyMaterial.checkedRSA(exponent: [1, 0, 1], modulus: Array(repeating: 0xff, count: 1024)))
            $0.keyID = text(255)
            $0.principals = (100..<226).map { "\($0)" + text(252) }
            $0.criticalOptions = try SSHCriticalOptions(
                forceCommand: text(4096),
                sourceAddresses: try (0..<64).map { try SSHAddressRange("2001:db80:1111:2222:3333:4444:5555:\(1000 + $0)/128") }
            )
            $0.extensions = try SSHExtensions([.other(name: "a@example.com", data: Array(repeating: 1, count: 16_000))])
        }
        let bytes = contents.toBeSigned()
        #expect(bytes.count < SSHLimits.certificate - SSHLimits.signature - 4)
        #expect(try SSHCertificateContents(parsingToBeSigned: bytes) == contents)
    }
}
