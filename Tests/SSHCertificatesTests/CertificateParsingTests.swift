// SPDX-License-Identifier: Apache-2.0

import Crypto
import Testing

@testable import SSHCertificates

struct CertificateParsingTests {
    static let files = Result { try Fixture.all("certificates") }

    @Test(arguments: try files.get())
    func `a certificate of ssh-keygen is read and written back`(_ file: String) throws {
        let line = try Fixture.text(file)
        let certificate = try SSHCertificate(authorizedKey: line)
        let comment = try #require(line.split(separator: " ").last).dropLast()
        #expect(try certificate.authorizedKey(comment: String(comment)) + "\n" == line)
        #expect(try certificate.blob == Fixture.blob(file))
        #expect(certificate.blob.starts(with: certificate.contents.toBeSigned()))
        #expect(try certificate.contents.signed(with: certificate.signature) == certificate)
        #expect(try SSHCertificate.authorizedKey(ofIssued: certificate.blob) == certificate.authorizedKey())
    }

    @Test func `only a certificate is written as the line of one`() throws {
        let key = try SSHPublicKey(authorizedKey: try Fixture.text("keys/ed25519.pub"))
        #expect(throws: SSHCertificateError.notACertificate("ssh-ed25519")) {
            try SSHCertificate.authorizedKey(ofIssued: key.blob)
        }
        #expect(throws: SSHCertificateError.wire(.truncated(field: "certificate type"))) {
            try SSHCertificate.authorizedKey(ofIssued: [0, 0])
        }
    }

    @Test(arguments: ["ed25519", "ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "rsa-3072", "sk-ed25519", "sk-ecdsa-p256"])
    func `the fields are those ssh-keygen was told`(_ subject: String) throws {
        let key = try SSHPublicKey(authorizedKey: try Fixture.text("keys/\(subject).pub"))
        let user = try SSHCertificate(authorizedKey: try Fixture.text("certificates/user-\(subject).pub")).contents
        #expect(user.publicKey == key)
        #expect(user.kind == .user)
        #expect(user.serial == 7)
        #expect(user.keyID == "ana@example.com/prod-web/oncall")
        #expect(user.principals.names == ["deploy@host:web1.example.com", "deploy@zone:prod-web"])
        #expect(user.validity == (try SSHValidity(validAfter: 1_767_225_600, validBefore: 1_767_229_200)))
        #expect(user.criticalOptions.forceCommand == #"systemctl status "web server""#)
        #expect(user.criticalOptions.sourceAddresses.map(\.description) == ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"])
        #expect(user.criticalOptions.verifyRequired == key.type.isSecurityKey)
        let touch: Set<SSHExtension.Standard> = key.type.isSecurityKey ? [.noTouchRequired] : []
        #expect(user.extensions == (try SSHExtensions(touch.union([.permitPTY, .permitAgentForwarding]))))

        let host = try SSHCertificate(authorizedKey: try Fixture.text("certificates/host-\(subject).pub")).contents
        #expect(host.publicKey == key)
        #expect(host.kind == .host)
        #expect(host.principals.names == ["192.0.2.7", "2001:db8::7", "web1.prod.example.com"])
        #expect(host.extensions == .none && host.criticalOptions == .none)
    }

    @Test func `an unknown extension is kept`() throws {
        let contents = try SSHCertificate(authorizedKey: try Fixture.text("certificates/unknown-extension.pub")).contents
        #expect(contents.extensions.all.last == .other(name: "ticket@example.com", data: RawCertificate.value("INC-1")))
        #expect(
            contents.extensions.all.dropLast().map(\.name).sorted() == [
                "permit-X11-forwarding", "permit-agent-forwarding", "permit-port-forwarding", "permit-pty", "permit-user-rc",
            ])
    }

    /// Every bit is signed, so nothing but the certificate itself may be accepted.
    @Test(arguments: try files.get())
    func `a damaged certificate is refused, never a trap`(_ file: String) throws {
        for bytes in Mutations.bitFlips(try Fixture.blob(file)) {
            #expect(throws: SSHCertificateError.self) { try SSHCertificate(parsing: bytes) }
        }
        for bytes in Mutations.wrongLengths(try Fixture.blob(file)) {
            #expect(throws: SSHCertificateError.self) { try SSHCertificate(parsing: bytes) }
        }
    }

    @Test(arguments: try files.get())
    func `damaged bytes to be signed are refused or read back as they are`(_ file: String) throws {
        let bytes = try SSHCertificate(parsing: try Fixture.blob(file)).contents.toBeSigned()
        for bytes in Mutations.bitFlips(bytes) {
            guard let contents = try? SSHCertificateContents(parsingToBeSigned: bytes) else { continue }
            #expect(contents.toBeSigned() == bytes)
        }
    }

    @Test(
        arguments: [
            ("serial-zero", .serialZero), ("unknown-critical-option", .unknownCriticalOption("only-on-monday@example.com")),
            ("unordered-principals", .notOrdered(field: "valid principals", name: "deploy")),
            ("verify-required-on-plain-key", .verifyRequiresSecurityKey(.ed25519)),
            ("weak-ca", .signatureKey(.rsaTooWeak(bits: 2048))),
            ("weak-key", .publicKey(.rsaTooWeak(bits: 2048))), ("no-principals", .noPrincipals),
            ("host-with-wildcard", .invalidHostName("*.example.com")), ("endless", .endlessValidity),
        ] as [(String, SSHCertificateError)])
    func `what OpenSSH allows and this CA does not is refused by name`(_ name: String, _ error: SSHCertificateError) throws {
        let line = try Fixture.text("refused-certificates/\(name).pub")
        #expect(throws: error) { try SSHCertificate(authorizedKey: line) }
    }

    @Test func `a key is refused where a certificate is wanted`() throws {
        let line = try Fixture.text("keys/ed25519.pub")
        #expect(throws: SSHCertificateError.notACertificate("ssh-ed25519")) { try SSHCertificate(authorizedKey: line) }
        let blob = try Fixture.blob("keys/ed25519.pub")
        #expect(throws: SSHCertificateError.notACertificate("ssh-ed25519")) { try SSHCertificate(parsing: blob) }
    }

    @Test func `an oversized certificate is refused before it is read`() {
        let error = SSHCertificateError.wire(.tooLong(field: "certificate", limit: SSHLimits.certificate))
        let blob = [UInt8](repeating: 0, count: SSHLimits.certificate + 1)
        #expect(throws: error) { try SSHCertificate(parsing: blob) }
        #expect(throws: error) { try SSHCertificateContents(parsingToBeSigned: blob) }
    }

    struct Malformed: Sendable {
        let error: SSHCertificateError
        let change: @Sendable (inout RawCertificate) throws -> Void

        init(_ error: SSHCertificateError, _ change: @escaping @Sendable (inout RawCertificate) throws -> Void) {
            self.error = error
            self.change = change
        }

        static let all: [Malformed] = [
            Malformed(.notACertificate("ssh-dss-cert-v01@openssh.com")) { $0.typeName = "ssh-dss-cert-v01@openssh.com" },
            Malformed(.notACertificate("rsa-sha2-256-cert-v01@openssh.com")) {
                $0.typeName = "rsa-sha2-256-cert-v01@openssh.com"
            },
            Malformed(.wire(.notText(field: "certificate type"))) { $0.typeName = "ssh-ed25519\n" },
            Malformed(.nonceLength(0)) { $0.nonce = [] },
            Malformed(.wire(.tooLong(field: "nonce", limit: 255))) { $0.nonce = Array(repeating: 0, count: 256) },
            Malformed(.publicKey(.invalidPoint(.ed25519))) { $0.key = { $0.write(string: Array(repeating: 0, count: 32)) } },
            Malformed(.publicKey(.wire(.tooLong(field: "Ed25519 point", limit: 32)))) {
                $0.key = { $0.write(string: Array(0...32)) }
            },
            Malformed(.unknownKind(0)) { $0.kind = 0 },
            Malformed(.unknownKind(3)) { $0.kind = 3 },
            Malformed(.invalidKeyID) { $0.keyID = [] },
            Malformed(.wire(.notText(field: "key id"))) { $0.keyID = [0] },
            Malformed(.wire(.tooLong(field: "key id", limit: 255))) { $0.keyID = Array(repeating: 65, count: 256) },
            Malformed(.noPrincipals) { $0.principals = [] },
            Malformed(.invalidPrincipal("")) { $0.principals = ["", "a"] },
            Malformed(.duplicate(field: "valid principals", name: "a")) { $0.principals = ["a", "a"] },
            Malformed(.notOrdered(field: "valid principals", name: "B")) { $0.principals = ["a", "B"] },
            Malformed(.tooManyPrincipals) { $0.principals = (100...356).map { "\($0)" } },
            Malformed(.wire(.notText(field: "principal"))) { $0.principals = ["ä"] },
            Malformed(.wire(.tooLong(field: "principal", limit: 255))) { $0.principals = [String(repeating: "a", count: 256)] },
            Malformed(.emptyValidity) { $0.validAfter = 2 },
            Malformed(.duplicate(field: "critical options", name: "verify-required")) {
                $0.criticalOptions = [("verify-required", []), ("verify-required", [])]
            },
            Malformed(.notOrdered(field: "critical options", name: "force-command")) {
                $0.criticalOptions = [
                    ("source-address", RawCertificate.value("::1")), ("force-command", RawCertificate.value("id")),
                ]
            },
            Malformed(.unknownCriticalOption("Force-Command")) { $0.criticalOptions = [("Force-Command", [])] },
            Malformed(.unknownCriticalOption("permit-pty")) { $0.criticalOptions = [("permit-pty", [])] },
            Malformed(.unexpectedValue("verify-required")) { $0.criticalOptions = [("verify-required", [0])] },
            Malformed(.wire(.truncated(field: "force-command"))) { $0.criticalOptions = [("force-command", [])] },
            Malformed(.wire(.trailingBytes(after: "force-command"))) {
                $0.criticalOptions = [("force-command", RawCertificate.value("id") + [0])]
            },
            Malformed(.invalidForceCommand) { $0.criticalOptions = [("force-command", [0, 0, 0, 1, 0xff])] },
            Malformed(.invalidSourceAddress("")) { $0.criticalOptions = [("source-address", RawCertificate.value("::1,"))] },
            Malformed(.invalidSourceAddress("10.0.0.1/8")) {
                $0.criticalOptions = [("source-address", RawCertificate.value("10.0.0.1/8"))]
            },
            Malformed(.tooManySourceAddresses) {
                $0.criticalOptions = [
                    ("source-address", RawCertificate.value((0...64).map { "10.0.0.\($0)" }.joined(separator: ",")))
                ]
            },
            Malformed(.unexpectedValue("permit-pty")) { $0.extensions = [("permit-pty", RawCertificate.value("yes"))] },
            Malformed(.duplicate(field: "extensions", name: "permit-pty")) {
                $0.extensions = [("permit-pty", []), ("permit-pty", [])]
            },
            Malformed(.notOrdered(field: "extensions", name: "permit-X11-forwarding")) {
                $0.extensions = [("permit-pty", []), ("permit-X11-forwarding", [])]
            },
            Malformed(.invalidExtension("")) { $0.extensions = [("", [])] },
            Malformed(.tooManyExtensions) { $0.extensions = (100...164).map { ("x\($0)@example.com", []) } },
            Malformed(.wire(.notText(field: "extensions: name"))) { $0.extensions = [("x\u{7f}", [])] },
            Malformed(.reservedNotEmpty) { $0.reserved = [0] },
            Malformed(.signatureKey(.isCertificate("ssh-ed25519-cert-v01@openssh.com"))) {
                $0.signatureKey = try Fixture.blob("certificates/ca-ed25519.pub")
            },
            Malformed(.signatureKey(.wire(.truncated(field: "key type")))) { $0.signatureKey = [] },
            Malformed(.securityKeyAsCA) { $0.signatureKey = try Fixture.blob("keys/sk-ed25519.pub") },
            Malformed(.wire(.trailingBytes(after: "signature key"))) { $0.tail = [0] },
        ]
    }

    @Test(arguments: Malformed.all)
    func `malformed bytes to be signed are refused with the reason`(_ sample: Malformed) throws {
        let bytes = try RawCertificate.bytes(sample.change)
        #expect(throws: sample.error) { try SSHCertificateContents(parsingToBeSigned: bytes) }
    }

    @Test func `the unchanged sample of the table above is accepted`() throws {
        #expect(try SSHCertificateContents(parsingToBeSigned: RawCertificate.bytes { _ in }).serial == 1)
    }

    @Test func `a signature of another key or another algorithm is refused`() throws {
        let contents = try Sample.contents()
        func certificate(_ signature: SSHSignature) -> [UInt8] {
            var writer = SSHWireWriter()
            writer.write(raw: contents.toBeSigned())
            writer.write(string: signature.blob)
            return writer.bytes
        }
        let stranger = try TestKey.ed25519(.init()).signature(contents.toBeSigned())
        #expect(throws: SSHCertificateError.signature(.invalid(.ed25519))) {
            try SSHCertificate(parsing: certificate(stranger))
        }
        let other = try TestKey.all[1].signature(contents.toBeSigned())
        #expect(throws: SSHCertificateError.signature(.keyMismatch(.ecdsaP256, .ed25519))) {
            try SSHCertificate(parsing: certificate(other))
        }
    }
}
