// SPDX-License-Identifier: Apache-2.0

import Foundation
import Policies
import Testing

@testable import PolicyImport

/// Whole files through the importers, compared with what is kept beside them. `UPDATE_GOLDEN=1` writes them anew.
@Suite struct GoldenTests {
    static let zone = try? ImportZone(name: "fleet", hosts: ["*.example.com"])

    static func result(_ name: String) throws -> Imported {
        var options = ImportOptions(source: name)
        switch name {
        case "vault-ssh": return try PolicyImporter.vaultSSH(try fixture("vault-ssh.json"), options: options)
        case "vault-ssh-zone":
            options.zone = zone
            return try PolicyImporter.vaultSSH(try fixture("vault-ssh.json"), options: options)
        case "vault-pki": return try PolicyImporter.vaultPKI(try fixture("vault-pki.json"), options: options)
        case "step-ca": return try PolicyImporter.stepCA(try fixture("step-ca.json"), options: options)
        case "step-oidc":
            options.zone = zone
            return try PolicyImporter.stepCA(try fixture("step-oidc.json"), options: options)
        default:
            return try PolicyImporter.opkssh(
                authID: try fixture("auth_id"), providers: try fixture("providers"), options: options)
        }
    }

    static let names = ["vault-ssh", "vault-ssh-zone", "vault-pki", "step-ca", "step-oidc", "opkssh"]

    @Test(arguments: names) func `an import is what it was`(_ name: String) throws {
        let imported = try Self.result(name)
        for (ending, actual) in [("yaml", text(imported)), ("report", imported.description + "\n")] {
            let file = fixtures.appending(path: "\(name).golden.\(ending)")
            if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" { try Data(actual.utf8).write(to: file) }
            #expect(actual == String(decoding: try Data(contentsOf: file), as: UTF8.self))
        }
    }

    @Test(arguments: names) func `an import loads, and its tests pass`(_ name: String) throws {
        let results = try policies(Self.result(name)).runTests()
        #expect(!results.isEmpty)
        #expect(results.filter { !$0.passed }.map(\.description) == [])
    }

    @Test(arguments: names) func `every rule has a test of each kind`(_ name: String) throws {
        let set = try policies(Self.result(name))
        #expect(set.testCount == 2 * set.ruleCount)
    }

    @Test(arguments: names) func `an import is the same each time`(_ name: String) throws {
        #expect(try text(Self.result(name)) == text(Self.result(name)))
    }

    @Test func `no secret of the source is repeated`() throws {
        let everything = try text(Self.result("step-ca")) + Self.result("step-ca").description
        for secret in ["udTrOT3gzrO7W9fDPgZQLfYJ", "eyJ..."] { #expect(!everything.contains(secret)) }
    }

    @Test func `a program gets files and report`() throws {
        let data = try JSONEncoder().encode(Self.result("opkssh"))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let files = try #require(object["files"] as? [[String: String]])
        #expect(files.map { $0["name"] } == ["opkssh.yaml"])
        #expect((object["report"] as? [[String: Any]])?.isEmpty == false)
    }
}
