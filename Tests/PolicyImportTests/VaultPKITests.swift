// SPDX-License-Identifier: Apache-2.0

import Policies
import Testing

@testable import PolicyImport

/// No setting of a PKI role of Vault gives more in mayfly.
@Suite struct VaultPKITests {
    let role = "vault-pki-r"

    private func gives(_ fields: String, _ names: [String]) throws -> X509Permit? {
        let imported = try vaultPKI(fields)
        guard !imported.files.isEmpty else { return nil }
        let found = try permit(try policies(imported), role, groups: [role], names: names)
        guard case .x509(let x509)? = found?.subject else { return nil }
        return x509
    }

    @Test(arguments: [
        (#""allow_bare_domains": true"#, ["example.com"]), (#""allow_subdomains": true"#, ["a.example.com"]),
        (#""allow_bare_domains": true, "allow_subdomains": true"#, ["example.com", "a.example.com"]),
        (#""allow_any_name": true, "allow_bare_domains": true"#, ["example.com"]),
    ]) func `names are those of the domains`(_ fields: String, _ allowed: [String]) throws {
        for name in [
            "example.com", "a.example.com", "a.b.example.com", "example.org", "badexample.com", "localhost", "192.0.2.1",
        ] {
            let x509 = try gives(#""allowed_domains": ["example.com"], \#(fields)"#, [name])
            #expect((x509 != nil) == allowed.contains(name), "\(name)")
        }
    }

    @Test func `a star in a domain is a pattern only where Vault takes it for one`() throws {
        let glob = #""allowed_domains": ["ftp*.example.com"], "allow_bare_domains": true, "allow_glob_domains": "#
        #expect(try gives(glob + "true", ["ftp1.example.com"]) != nil)
        #expect(try gives(glob + "true", ["ftp1.x.example.com"]) == nil)
        #expect(try gives(glob + "false", ["ftp1.example.com"]) == nil)
    }

    @Test(arguments: [
        #""allow_any_name": true"#, #""allowed_domains": ["example.com"]"#, #""allow_subdomains": true"#,
        #""allowed_domains": ["{{identity.entity.name}}"], "allowed_domains_template": true, "allow_bare_domains": true"#,
        #""allowed_domains": ["{user.login}"], "allow_bare_domains": true"#,
        #""allow_ip_sans": true"#, #""allowed_ip_sans_cidr": ["192.0.2.1/32"], "allow_ip_sans": false"#,
        #""allowed_uri_sans": ["spiffe://example.com/*"]"#,
        #""allowed_domains": "a.example.com", "allow_bare_domains": true, "not_after": "2030-01-01T00:00:00Z""#,
        #""allowed_domains": "a.example.com", "allow_bare_domains": true, "server_flag": false, "client_flag": false"#,
        #""allowed_domains": "a.example.com", "allow_bare_domains": true, "key_bits": 4096"#,
        #""allowed_domains": "a.example.com", "allow_bare_domains": true, "key_type": "ec", "key_bits": 224"#,
    ]) func `a role that cannot be said gives nothing`(_ fields: String) throws {
        let imported = try vaultPKI(fields)
        #expect(imported.files.isEmpty)
        #expect(imported.report.contains { $0.level == .dropped || $0.level == .needsDecision })
    }

    @Test(arguments: [
        ("", [X509Usage.client, .server]), (#", "server_flag": false"#, [.client]), (#", "client_flag": false"#, [.server]),
        (#", "client_flag": false, "ext_key_usage": ["ClientAuth", "CodeSigning"]"#, [.client, .server]),
    ]) func `usage is what the flags say`(_ fields: String, _ usage: [X509Usage]) throws {
        let x509 = try gives(#""allowed_domains": "a.example.com", "allow_bare_domains": true\#(fields)"#, ["a.example.com"])
        #expect(x509?.usage == Set(usage))
    }

    @Test(
        arguments: [
            (#""key_type": "any""#, nil), (#""key_type": "ed25519""#, [KeyType.ed25519]), (#""key_type": "ec""#, [.ecdsaP256]),
            (#""key_type": "ec", "key_bits": 521"#, [.ecdsaP521]), (#""key_type": "rsa", "key_bits": 3072"#, [.rsa]),
        ] as [(String, Set<KeyType>?)]) func `types of keys stay`(_ fields: String, _ types: Set<KeyType>?) throws
    {
        let x509 = try gives(#""allowed_domains": "a.example.com", "allow_bare_domains": true, \#(fields)"#, ["a.example.com"])
        #expect(x509 != nil)
        #expect(x509?.keyTypes == types)
    }

    @Test func `one SPIFFE ID is left of several`() throws {
        let uris = #""allowed_uri_sans": ["spiffe://example.com/a", "spiffe://example.com/b"]"#
        #expect(try gives(uris, ["spiffe://example.com/a"]) != nil)
        #expect(try gives(uris, ["spiffe://example.com/b"]) == nil)
    }

    @Test func `the subject has the organizations and nothing from the request`() throws {
        let x509 = try gives(
            #""allowed_domains": "a.example.com", "allow_bare_domains": true, "organization": ["Example", "a{user.name}", "x+y"]"#,
            ["a.example.com"])
        #expect(x509?.organizations == ["Example"])
        #expect(x509?.commonName == nil)
    }
}
