// SPDX-License-Identifier: Apache-2.0

import Policies
import Testing

@testable import PolicyImport

/// No setting of an SSH role of Vault gives more in mayfly.
@Suite struct VaultSSHTests {
    let role = "vault-ssh-r"

    private func given(_ fields: String, zone: ImportZone? = nil) throws -> SSHPermit? {
        let imported = try vaultSSH(fields, zone: zone)
        guard !imported.files.isEmpty else { return nil }
        let found = try permit(try policies(imported), role, groups: [role])
        guard case .ssh(let ssh)? = found?.subject else { return nil }
        return ssh
    }

    @Test func `allowed users become principals`() throws {
        let ssh = try given(#""allow_user_certificates": true, "allowed_users": " ubuntu,deploy ,ubuntu""#)
        #expect(ssh?.principals == ["deploy", "ubuntu"])
        #expect(ssh?.extensions == [])
    }

    @Test func `with a zone they become logins in it`() throws {
        let zone = try ImportZone(name: "web", hosts: ["web*.example.com"])
        let ssh = try given(#""allow_user_certificates": true, "allowed_users": "ubuntu,No-Login""#, zone: zone)
        #expect(ssh?.principals == ["ubuntu@zone:web"])
    }

    @Test(arguments: [
        #""allowed_users": "*""#, #""allowed_users": """#, #""default_user": "ubuntu""#,
        #""allowed_users": "*", "default_user": "{{identity.entity.name}}", "default_user_template": true"#,
        #""allowed_users": "{{identity.entity.name}}", "allowed_users_template": true"#,
        #""allowed_users": "{{identity.entity.name}}""#, #""allowed_users": "{user.login}""#, #""allowed_users": "a@zone:b""#,
        #""allowed_users": "ubuntu", "default_critical_options": {"no-such": ""}"#,
        #""allowed_users": "ubuntu", "default_critical_options": {"force-command": ""}"#,
        #""allowed_users": "ubuntu", "default_critical_options": {"source-address": "10.1.2.3/8"}"#,
        #""allowed_users": "ubuntu", "default_critical_options": {"source-address": ""}"#,
        #""allowed_users": "ubuntu", "allowed_user_key_lengths": {"rsa": 4096}"#,
        #""allowed_users": "ubuntu", "allowed_user_key_lengths": {"ed25519": 0}, "default_critical_options": {"verify-required": ""}"#,
    ]) func `a role that cannot be said gives nothing`(_ fields: String) throws {
        let imported = try vaultSSH(#""allow_user_certificates": true, \#(fields)"#)
        #expect(imported.files.isEmpty)
        #expect(imported.report.contains { $0.level == .dropped || $0.level == .needsDecision })
    }

    @Test func `a star leaves the default user alone`() throws {
        let ssh = try given(#""allow_user_certificates": true, "allowed_users": "*", "default_user": "guest""#)
        #expect(ssh?.principals == ["guest"])
    }

    @Test func `users are only for roles that allow user certificates`() throws {
        #expect(try vaultSSH(#""allow_user_certificates": false, "allowed_users": "ubuntu""#).files.isEmpty)
    }

    @Test func `only default extensions are carried, and without values`() throws {
        let ssh = try given(
            #""allow_user_certificates": true, "allowed_users": "a", "allowed_extensions": "*","#
                + #""default_extensions": {"permit-pty": "", "permit-X11-forwarding": "", "permit-user-rc": "yes", "x@y": ""}"#)
        #expect(ssh?.extensions == ["permit-X11-forwarding", "permit-pty"])
    }

    @Test func `critical options stay`() throws {
        let ssh = try given(
            #""allow_user_certificates": true, "allowed_users": "a", "default_critical_options": "#
                + #"{"force-command": "echo '{user.login}' &x", "source-address": "10.0.0.0/8, 192.0.2.1", "verify-required": ""}"#
        )
        #expect(ssh?.forceCommand == "echo '{user.login}' &x")
        #expect(ssh?.sourceAddresses.map(\.description) == ["10.0.0.0/8", "192.0.2.1/32"])
        #expect(ssh?.verifyRequired == true)
    }

    @Test func `types of keys stay, and RSA, whose sizes would be lost, goes`() throws {
        let ssh = try given(
            #""allow_user_certificates": true, "allowed_users": "a", "allowed_user_key_lengths": "#
                + #"{"rsa": [3072], "ssh-ed25519": 0, "ec": [256, 521], "ecdsa-sha2-nistp384": [0]}"#)
        #expect(ssh?.keyTypes == [.ed25519, .ecdsaP256, .ecdsaP384, .ecdsaP521])
    }

    @Test func `no lifetime is longer`() throws {
        let set = try policies(vaultSSH(#""allow_user_certificates": true, "allowed_users": "a", "ttl": "10m""#))
        #expect(try permit(set, role, groups: [role])?.lifetime == .seconds(600))
        #expect(try permit(set, role, groups: [role], lifetime: .seconds(90_000))?.lifetime == .seconds(3_600))
    }

    @Test func `a lifetime that the mount decides is one to decide on`() throws {
        let source = #"{"key_type": "ca", "allow_user_certificates": true, "allowed_users": "a", "ttl": 0, "max_ttl": 0}"#
        let imported = try PolicyImporter.vaultSSH(
            Array(source.utf8), roleName: "r", options: ImportOptions(unsaidLifetime: .seconds(300)))
        #expect(imported.notes(.needsDecision).map(\.source).contains("max_ttl"))
        #expect(try permit(policies(imported), role, groups: [role], lifetime: .seconds(9_000))?.lifetime == .seconds(300))
    }

    @Test(arguments: [
        (#""allow_bare_domains": true"#, ["example.com"]), (#""allow_subdomains": true"#, ["a.example.com"]),
        (#""allow_bare_domains": true, "allow_subdomains": true"#, ["example.com", "a.example.com"]),
    ]) func `hosts are those of the domains`(_ fields: String, _ named: [String]) throws {
        let set = try policies(vaultSSH(#""allow_host_certificates": true, "allowed_domains": "example.com,*", \#(fields)"#))
        for host in ["example.com", "a.example.com", "a.b.example.com", "example.org", "x.badexample.com"] {
            let found = try permit(set, "vault-ssh-r-hosts", groups: [role], host: host)
            #expect((found != nil) == named.contains(host), "\(host)")
        }
    }

    @Test(arguments: [
        #""allowed_domains": "example.com""#, #""allowed_domains": "*", "allow_subdomains": true"#,
        #""allowed_domains": "Example.com", "allow_subdomains": true"#,
        #""allowed_domains": "example.com", "allow_subdomains": true, "allowed_user_key_lengths": {"ed25519": 0}"#,
    ]) func `hosts that cannot be said are none`(_ fields: String) throws {
        #expect(try vaultSSH(#""allow_host_certificates": true, \#(fields)"#).files.isEmpty)
    }

    @Test func `nobody is in the group of a role, and roles do not share one`() throws {
        let two = #"{"key_type": "ca", "max_ttl": 60, "allow_user_certificates": true, "allowed_users": "a"}"#
        let imported = try PolicyImporter.vaultSSH(Array(#"{"Web": \#(two), "web": \#(two)}"#.utf8))
        let set = try policies(imported)
        #expect(set.roleNames == ["vault-ssh-web", "vault-ssh-web-2"])
        #expect(try permit(set, "vault-ssh-web", groups: ["vault-ssh-web-2"]) == nil)
        #expect(try permit(set, "vault-ssh-web") == nil)
    }

    @Test func `a setting that is not known is one to look at`() throws {
        let imported = try vaultSSH(#""allow_user_certificates": true, "allowed_users": "a", "max_uses": 1"#)
        #expect(imported.notes(.needsDecision).map(\.source).contains("max_uses"))
    }

    @Test func `a role is found in an answer, by itself and by name`() throws {
        let role = #"{"key_type": "ca", "max_ttl": 60, "allow_user_certificates": true, "allowed_users": "a"}"#
        for (source, name) in [
            (#"{"request_id": "1", "data": \#(role), "warnings": null}"#, "x" as String?), (role, "x"),
            (#"{"x": \#(role)}"#, nil), (#"{"x": {"data": \#(role)}}"#, nil),
        ] {
            let imported = try PolicyImporter.vaultSSH(Array(source.utf8), roleName: name)
            #expect(try policies(imported).roleNames == ["vault-ssh-x"], "\(source)")
        }
        #expect(throws: ImportError.namelessRole) { try PolicyImporter.vaultSSH(Array(role.utf8)) }
        let named = try PolicyImporter.vaultSSH(Array(#"{"data": \#(role), "other": \#(role)}"#.utf8))
        #expect(try policies(named).roleNames == ["vault-ssh-data", "vault-ssh-other"])
    }
}
