// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Client

struct HostConfigurationTests {
    private static let userCA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIYLHhkGdDGkzy2cYLEqZSe7HHQXOXS5uC5CBsTpQdKN user CA\n"

    private static func configuration(
        zones: [String] = ["prod-web", "eu"], logins: [String] = ["deploy", "_backup"], hostName: String? = "web1.example.com",
        directory: String = "/etc/ssh/mayfly", userCA: String = userCA, hostKey: String? = nil
    ) throws -> HostConfiguration {
        try HostConfiguration(
            zones: zones, logins: logins, hostName: hostName, directory: directory, userCA: userCA, hostKey: hostKey)
    }

    @Test func `a host gets these files`() throws {
        let files = try Self.configuration(hostKey: "/etc/ssh/ssh_host_ed25519_key").files
        #expect(
            files == [
                .init(path: "/etc/ssh/mayfly/user_ca.pub", contents: Self.userCA),
                .init(
                    path: "/etc/ssh/mayfly/principals/_backup",
                    contents: "_backup@zone:eu\n_backup@zone:prod-web\n_backup@host:web1.example.com\n"),
                .init(
                    path: "/etc/ssh/mayfly/principals/deploy",
                    contents: "deploy@zone:eu\ndeploy@zone:prod-web\ndeploy@host:web1.example.com\n"),
                .init(
                    path: "/etc/ssh/mayfly/mayfly.conf",
                    contents: """
                        # Written by `mayfly host config`: logins by certificates of the CA.
                        TrustedUserCAKeys /etc/ssh/mayfly/user_ca.pub
                        AuthorizedPrincipalsFile /etc/ssh/mayfly/principals/%u
                        # For `mayfly host sessions` and `end-sessions`.
                        ExposeAuthInfo yes
                        HostKey /etc/ssh/ssh_host_ed25519_key
                        HostCertificate /etc/ssh/ssh_host_ed25519_key-cert.pub

                        """),
            ])
    }

    @Test func `writing twice changes nothing, and files are readable for sshd`() throws {
        let directory = try TemporaryDirectory()
        let configuration = try Self.configuration(directory: directory.file("mayfly"))
        let written = try configuration.write()
        #expect(written == configuration.files.map(\.path))
        for path in written { #expect(try mode(of: path) == 0o644) }
        #expect(try configuration.write() == [])
        #expect(try Self.configuration(zones: ["eu"], directory: directory.file("mayfly")).write().count == 2)
    }

    @Test func `logins that are no longer named are told, not removed`() throws {
        let directory = try TemporaryDirectory()
        _ = try Self.configuration(directory: directory.file("mayfly")).write()
        let smaller = try Self.configuration(logins: ["deploy"], directory: directory.file("mayfly"))
        _ = try smaller.write()
        #expect(smaller.leftOver == [directory.file("mayfly/principals/_backup")])
    }

    @Test(arguments: [
        "", "Deploy", "1deploy", "-deploy", "../root", "a/b", "a b", "a@b", "a:b", "a\nb", "dé",
        String(repeating: "a", count: 33),
    ])
    func `what is no login is refused`(_ login: String) {
        #expect(throws: HostConfigurationError.login(login)) { try Self.configuration(logins: [login]) }
    }

    @Test(arguments: ["", "Prod", "a b", "a@b", "a:b", "a\nroot@zone:b", String(repeating: "a", count: 65)])
    func `what is no zone is refused`(_ zone: String) {
        #expect(throws: HostConfigurationError.zone(zone)) { try Self.configuration(zones: [zone]) }
    }

    @Test(arguments: ["", "Web1", "web1.", "web 1", "web1\nx", "*.example.com", "-web"])
    func `what is no host name is refused`(_ name: String) {
        #expect(throws: HostConfigurationError.hostName(name)) { try Self.configuration(hostName: name) }
    }

    @Test(arguments: ["", "mayfly", "/etc/ssh/my fly", "/etc/ssh/%u", "/etc/\"", "/etc/a\nb"])
    func `a folder that sshd_config would read differently is refused`(_ path: String) {
        #expect(throws: HostConfigurationError.path(path)) { try Self.configuration(directory: path) }
        #expect(throws: HostConfigurationError.path(path)) { try Self.configuration(hostKey: path) }
    }

    @Test(arguments: ["", "\n", "ssh-ed25519 AAAA\n", "principals=\"root\" " + userCA, "PermitRootLogin yes\n"])
    func `what is no CA key is refused`(_ text: String) {
        #expect {
            try Self.configuration(userCA: text)
        } throws: { error in
            if case HostConfigurationError.userCA = error { true } else { false }
        }
    }

    @Test func `without logins, or zones and name, nobody could log in`() {
        #expect(throws: HostConfigurationError.noLogins) { try Self.configuration(logins: []) }
        #expect(throws: HostConfigurationError.noZones) { try Self.configuration(zones: [], hostName: nil) }
    }
}
