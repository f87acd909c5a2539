// SPDX-License-Identifier: Apache-2.0

import Policies
import Testing

@testable import PolicyImport

@Suite struct HostileInputTests {
    private static func importers(_ bytes: [UInt8]) -> [() throws -> Imported] {
        [
            { try PolicyImporter.stepCA(bytes) }, { try PolicyImporter.vaultSSH(bytes, roleName: "r") },
            { try PolicyImporter.vaultPKI(bytes, roleName: "r") },
            { try PolicyImporter.opkssh(authID: bytes, providers: bytes) }, { try PolicyImporter.opkssh(authID: bytes) },
        ]
    }

    /// Each import is refused, or gives policies that load.
    private func attempt(_ bytes: [UInt8]) {
        for (number, run) in Self.importers(bytes).enumerated() {
            do {
                let imported = try run()
                if !imported.files.isEmpty { _ = try policies(imported) }
            } catch let error as ImportError {
                if case .unusableResult(let problems) = error {
                    Issue.record("importer \(number): \(problems) from \(String(decoding: bytes, as: UTF8.self))")
                }
            } catch {
                Issue.record("importer \(number): \(error)")
            }
        }
    }

    @Test(arguments: ["vault-ssh.json", "vault-pki.json", "step-ca.json", "step-oidc.json", "auth_id", "providers"])
    func `files that were cut or damaged are refused or still load`(_ name: String) throws {
        let bytes = try fixture(name)
        for end in stride(from: 0, to: bytes.count, by: 97) { attempt(Array(bytes[..<end])) }
        for index in stride(from: 0, to: bytes.count, by: 23) {
            for mask: UInt8 in [0x01, 0x20, 0x80] {
                var damaged = bytes
                damaged[index] ^= mask
                attempt(damaged)
            }
        }
    }

    @Test(arguments: [
        ("", "the top level, line 1: the value is missing"), ("{", "the top level, line 1: expected a key"),
        (#"{"a": {"b": [1, tru]}}"#, "`a.b[1]`, line 1: expected a value"),
        ("{\"a\":\n\n01}", "`a`, line 3: expected a value"), (#"{"a": "\ud800"}"#, "`a`, line 1: half of a surrogate pair"),
        (#"{"a": 1} x"#, "the top level, line 1: something follows"), ("[1,]", "`[1]`, line 1: expected a value"),
        ("{\"a\": \"\n\"}", "`a`, line 1: control character"), (#"{"a": 1.}"#, "`a`, line 1: expected digits"),
        (#"{"a": "\u12"}"#, "`a`, line 1: expected four hexadecimal digits"),
    ]) func `malformed JSON is refused with its place`(_ text: String, _ message: String) throws {
        let error = #expect(throws: ImportError.self) { try JSONReader.read(Array(text.utf8)) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        (#"{"authority": {"provisioners": {}}}"#, "`authority.provisioners` must be a list, not an object"),
        (
            #"{"authority": {"provisioners": [{"type": "JWK", "claims": {"maxTLSCertDuration": 5}}, 7]}}"#,
            "`authority.provisioners[1]` must be"
        ),
        (#"{"authority": {"provisioners": [{"type": 1}]}}"#, "`authority.provisioners[0].type` must be text, not a number"),
        (#"{"authority": {"claims": {"maxTLSCertDuration": "soon"}}}"#, "`soon` at `authority.claims.maxTLSCertDuration`"),
        (#"{"authority": {}, "Authority": {}}"#, "`Authority` is written more than once"),
        (#"{"authority": {"a": 1, "a": 2}}"#, "`authority.a` is written more than once"),
        ("{}", "`authority` is missing"), ("[]", "the top level must be an object, not a list"),
    ]) func `a wrong value is refused with its path`(_ text: String, _ message: String) {
        let error = #expect(throws: ImportError.self) { try PolicyImporter.stepCA(Array(text.utf8)) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func `deep nesting is refused`() {
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        let error = #expect(throws: ImportError.self) { try JSONReader.read(deep) }
        guard case .tooDeep(_, limit: 32)? = error else { return #expect(Bool(false), "\(String(describing: error))") }
    }

    @Test func `large sources are refused`() {
        let large = [UInt8](repeating: UInt8(ascii: " "), count: PolicyImporter.maximumBytes + 1)
        for run in Self.importers(large) { #expect(throws: ImportError.tooLarge(limit: 4 << 20)) { try run() } }
    }

    @Test func `what is not UTF-8 is refused`() {
        for run in Self.importers([0x22, 0xFF, 0x22]) { #expect(throws: ImportError.notUTF8) { try run() } }
    }

    @Test func `more policies than a file may hold are refused`() {
        let lines = (0..<6_000).map { "account\($0) user\($0)@example.com https://a.example" }.joined(separator: "\n")
        #expect(throws: ImportError.resultTooLarge(limit: PolicyFile.maximumBytes)) { try opkssh(lines) }
    }

    @Test(arguments: ["", "-x", "a/b", "Ü", "a\nroles: {}", "&anchor", String(repeating: "x", count: 300), "{user.login}", "*"])
    func `no name of a role breaks the file`(_ name: String) throws {
        let role = #"{"key_type": "ca", "max_ttl": 60, "allow_user_certificates": true, "allowed_users": "a"}"#
        let imported = try PolicyImporter.vaultSSH(
            Array(role.utf8), roleName: name, options: ImportOptions(source: "s\nallow: [] &a"))
        #expect(try policies(imported).ruleCount == 1)
    }

    @Test(
        arguments: [
            ("3600", 3_600), ("1h30m", 5_400), ("24h0m0s", 86_400), ("1.5h", 5_400), ("0", 0), ("0s", 0), ("7d", 604_800),
            ("1500ms", 1), ("99999999999999", 3_155_760_000), ("500ms", nil), ("-1", nil), ("+1", nil), ("-1h", nil), ("", nil),
            ("h", nil), ("1", 1), ("1x", nil), ("9999999999h", nil), ("1.h", 3_600), (".h", nil), ("1.2.3s", nil),
        ] as [(String, Int?)]) func `durations are read as Go reads them`(_ text: String, _ seconds: Int?)
    {
        #expect(GoDuration.parse(text) == seconds.map { .seconds($0) })
    }

    @Test(arguments: [("", ["a"]), ("Web", ["a.example"]), ("web", []), ("web", ["A.example"]), ("web", ["{user.login}"])])
    func `a zone that is none is refused`(_ name: String, _ hosts: [String]) {
        #expect(throws: ImportError.self) { try ImportZone(name: name, hosts: hosts) }
    }
}
