// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Client

struct SSHDestinationTests {
    @Test func `host and login are read from the output of ssh -G`() {
        let output = "host web\nuser deploy\nhostname web1.example.com\nport 22\nidentityfile ~/.ssh/id_rsa\n"
        #expect(
            SSHDestination(OpenSSHSettings(parsing: Array(output.utf8)))
                == SSHDestination(host: "web1.example.com", login: "deploy"))
    }

    @Test(arguments: ["", "hostname web1\n", "user deploy\n", "hostname\nuser deploy\n"])
    func `output without host or login is none`(_ output: String) {
        #expect(SSHDestination(OpenSSHSettings(parsing: Array(output.utf8))) == nil)
    }

    @Test func `ssh itself resolves names, with the arguments it will get`() async throws {
        let directory = try TemporaryDirectory()
        let config = try directory.write("Host web\n  HostName web1.example.com\n  User deploy\n", to: "config")
        let web = try await SSHDestination.resolve("web", arguments: ["-F", config])
        #expect(web == SSHDestination(host: "web1.example.com", login: "deploy"))
        let root = try await SSHDestination.resolve("root@web", arguments: ["-F", config, "uptime", "-v"])
        #expect(root == SSHDestination(host: "web1.example.com", login: "root"))
    }

    @Test(arguments: ["", "-oProxyCommand=true", "-Fnone"])
    func `what ssh would take for an option is refused`(_ destination: String) async {
        await #expect(throws: ClientError.invalidDestination(destination)) {
            try await SSHDestination.resolve(destination, arguments: [])
        }
    }

    @Test func `the credential is offered alone, whatever its path`() {
        let files = SSHCredentialFiles(path: "/home/ana b/100%/id")
        #expect(
            files.sshArguments(destination: "deploy@web", ["-v", "uptime"]) == [
                "-o", "CertificateFile=\"/home/ana b/100%%/id-cert.pub\"", "-o", "IdentitiesOnly=yes", "-i",
                "/home/ana b/100%%/id", "deploy@web", "-v", "uptime",
            ])
    }
}
