// SPDX-License-Identifier: Apache-2.0

import Foundation
import SSHCertificates
import StrictYAML
import Testing

@testable import Authentication

@Suite struct LocalUsersTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJeQP8r1UQGcQNLAMF/UfzeA/txdZlGJUeIcux1JLoSd"

    /// A file, and all that is said about it.
    private static let malformed: [(file: String, problem: String)] = [
        ("", "users.yaml:1:1: the file is empty"),
        ("{}", "users.yaml:1:1: the user file is empty; leave it out"),
        ("[ana]", "users.yaml:1:1: the user file must be a mapping, not a list"),
        (
            "user:\n  ana: {login: ana}\n",
            "users.yaml:1:1: unknown key `user` in the user file; did you mean `users`?"
        ),
        ("users: []\n", "users.yaml:1:8: `users` must be a mapping, not a list"),
        ("users: {ana: [a]}\n", "users.yaml:1:14: a user must be a mapping, not a list"),
        (
            "users:\n  ana:\n    logins: [ana]\n",
            "users.yaml:3:5: unknown key `logins` in a user; did you mean `login`?"
        ),
        (
            "users:\n  ana:\n    admin: true\n",
            "users.yaml:3:5: unknown key `admin` in a user; known are `login`, `groups`, `ssh_keys`"
        ),
        (
            "users:\n  ana: {login: ana}\n  ana: {login: bo}\n",
            "users.yaml:3:3: key `ana` is written more than once in this mapping"
        ),
        ("users:\n\tana: {login: ana}\n", "users.yaml:2:1: tab character; use spaces"),
        (
            "users:\n  ana: &a {login: ana}\n",
            "users.yaml:2:8: anchors and aliases are not allowed; in a text, put a space after `&`"
        ),
        (
            "users:\n  ana: *a\n",
            "users.yaml:2:8: `*` begins a YAML alias, which is not allowed; put the value in quotes"
        ),
        ("users:\n  ana: {login: !!str ana}\n", "users.yaml:2:16: tags are not allowed"),
        ("users:\n  ana: {login: ana}\n---\nusers:\n", "users.yaml:3:1: more than one document; use one file for each"),
        (
            "users:\n  ana: {login: 7}\n",
            "users.yaml:2:16: `login` must be text, not a number; put it in quotes if it is meant as text"
        ),
        ("users:\n  ana: {login: [ana]}\n", "users.yaml:2:16: `login` must be text, not a list"),
        (
            "users:\n  ana: {login: Ana}\n",
            "users.yaml:2:16: `Ana` is not a login; expected `[a-z_][a-z0-9_.-]*`, 32 at most"
        ),
        (
            "users:\n  ana: {login: \(String(repeating: "a", count: 33))}\n",
            "users.yaml:2:16: `\(String(repeating: "a", count: 33))` is not a login; expected `[a-z_][a-z0-9_.-]*`, 32 at most"
        ),
        (
            "users:\n  ana/bo: {login: ana}\n",
            "users.yaml:2:3: `ana/bo` is not a user name; expected letters, digits and `.@_+-`"
        ),
        (
            "users:\n  -ana: {login: ana}\n",
            "users.yaml:2:3: `-ana` is not a user name; expected letters, digits and `.@_+-`"
        ),
        (
            "users:\n  \"\": {login: ana}\n",
            "users.yaml:2:3: `` is not a user name; expected letters, digits and `.@_+-`"
        ),
        (
            "users:\n  änna: {login: ana}\n",
            "users.yaml:2:3: `änna` is not a user name; expected letters, digits and `.@_+-`"
        ),
        (
            "users:\n  ana: {groups: engineers}\n",
            "users.yaml:2:17: `groups` must be a list, not text"
        ),
        ("users:\n  ana: {groups: [a, b, a]}\n", "users.yaml:2:24: `a` is listed twice"),
        (
            "users:\n  ana: {groups: [true]}\n",
            "users.yaml:2:18: each of `groups` must be text, not `true`; put it in quotes if it is meant as text"
        ),
        ("users:\n  ana: {ssh_keys: []}\n", "users.yaml:2:19: `ssh_keys` is empty; leave it out"),
        (
            "users:\n  ana: {ssh_keys: [\"ssh-ed25519 AAAA\"]}\n",
            "users.yaml:2:20: public key: key type: ends too early"
        ),
        ("users:\n  ana: {ssh_keys: [key]}\n", "users.yaml:2:20: line is not `type base64 comment`"),
        (
            "users:\n  ana: {ssh_keys: [\"ssh-dss AAAAB3NzaC1kc3M=\"]}\n",
            "users.yaml:2:20: keys of type `ssh-dss` are broken; make one with `ssh-keygen -t ed25519`"
        ),
        (
            "users:\n  ana: {ssh_keys: [\"no-pty \(key)\"]}\n",
            "users.yaml:2:20: line begins with options; give only `type base64 comment`"
        ),
        (
            "users:\n  ana: {ssh_keys: [\"\(key)\", \"\(key)\"]}\n",
            "users.yaml:2:104: `\(key)` is listed twice"
        ),
    ]

    /// What loading a file says, one line for each problem.
    private func problems(_ text: String) -> [String] {
        do {
            _ = try LocalUsers(parsing: Array(text.utf8), file: "users.yaml")
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    @Test func `a person has a login, groups and keys`() throws {
        let file = """
            # who may log in
            users:
              ana@example.com:
                login: ana
                groups: [engineers, "on call"]
                ssh_keys:
                  - "\(Self.key) ana@laptop"
              bo:
                groups: [engineers]

            """
        let users = try LocalUsers(parsing: Array(file.utf8), file: "users.yaml")
        let ana = try #require(users["ana@example.com"])
        #expect(ana.name == "ana@example.com")
        #expect(ana.login == "ana")
        #expect(ana.groups == ["engineers", "on call"])
        #expect(ana.keys == [try SSHPublicKey(authorizedKey: Self.key)])
        let bo = try #require(users["bo"])
        #expect(bo.login == nil)
        #expect(bo.keys.isEmpty)
        #expect(users["cy"] == nil)
    }

    @Test func `keys of every kind that ssh-keygen makes here are taken`() throws {
        for type in ["ed25519", "ecdsa", "rsa"] {
            let users = try LocalUsers(
                parsing: userFile(("ana", ["a"], [try UserKey(type).line])), file: "users.yaml")
            #expect(users["ana"]?.keys.count == 1)
        }
    }

    @Test(arguments: malformed)
    func `a malformed file is refused with the place`(file: String, problem: String) {
        #expect(problems(file).joined(separator: "\n") == problem)
    }

    @Test func `a certificate is no key`() throws {
        let certificate = try UserKey().certificateLine()
        #expect(
            problems("users:\n  ana: {ssh_keys: [\"\(certificate)\"]}\n") == [
                "users.yaml:2:20: this is a certificate (`ssh-ed25519-cert-v01@openssh.com`); give the plain public key"
            ])
    }

    @Test func `everything that is wrong is said at once`() {
        let file = "users:\n  ana: {login: Ana, groups: [7]}\n  b o: {x: 1}\n"
        #expect(
            problems(file).map { $0.prefix { $0 != " " } } == [
                "users.yaml:2:16:", "users.yaml:2:30:", "users.yaml:3:3:", "users.yaml:3:9:",
            ])
    }

    @Test func `a file that is too large is not read`() {
        let file = "users:\n  ana: {login: ana}\n" + String(repeating: "# \n", count: 1_500_000)
        #expect(problems(file) == ["users.yaml:1:1: the file is larger than 4096 KiB"])
    }

    @Test func `a file that is not UTF-8 is refused`() {
        #expect(throws: YAMLErrors.self) { try LocalUsers(parsing: [0x75, 0xff], file: "users.yaml") }
    }

    @Test func `deep nesting is refused`() {
        let file = "users: " + String(repeating: "{a: ", count: 10_000)
        #expect(!problems(file).isEmpty)
    }
}
