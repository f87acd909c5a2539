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
        #expect(web.host == "web1.example.com")
        #expect(web.login == "deploy")
        let root = try await SSHDestination.resolve("root@web", arguments: ["-F", config, "uptime", "-v"])
        #expect(root.login == "root")
    }

    @Test func `ssh says which files of known hosts it reads`() async throws {
        func files(_ value: String) async throws -> [String]? {
            try await SSHDestination.resolve(
                "web", arguments: ["-F", "none", "-o", "UserKnownHostsFile=\(value)"]
            ).knownHostsFiles
        }
        let standard = try await SSHDestination.resolve("web", arguments: ["-F", "none"]).knownHostsFiles
        #expect(standard?.map { $0.split(separator: "/").last } == ["known_hosts", "known_hosts2"])
        #expect(try await files("/a /b/%h") == ["/a", "/b/web"])
        #expect(try await files("none") == ["/dev/null"])
        #expect(try await files(#""/a b/c""#) == nil, "ssh prints no quotes")
    }

    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJeQP8r1UQGcQNLAMF/UfzeA/txdZlGJUeIcux1JLoSd"

    private func known(_ destination: SSHDestination, path: String = "/home/ana/known") -> KnownHosts? {
        KnownHosts(destination, authorities: Self.key + " Example SSH host CA", path: path)
    }

    @Test func `the host CA is trusted for the one host, beside the files there are`() throws {
        let web = try #require(known(SSHDestination(host: "web1", login: "ana", knownHosts: "/a /b")))
        #expect(web.text == "@cert-authority web1,[web1]:* \(Self.key)\n")
        #expect(web.option == #""/a" "/b" "/home/ana/known""#)
        let alias = try #require(
            known(SSHDestination(host: "10.0.0.1", login: "ana", hostKeyAlias: "web1", knownHosts: "/a"), path: #"/b "c%d\e"#))
        #expect(alias.text == "@cert-authority web1 \(Self.key)\n")
        #expect(alias.option == #""/a" "/b \"c%%d\\e""#)
    }

    @Test(arguments: ["*", "web?", "!web", "a,b", "a b", ""])
    func `a name that would be a pattern gets no trust`(_ name: String) {
        #expect(known(SSHDestination(host: name, login: "ana", knownHosts: "/a")) == nil)
    }

    @Test(arguments: [nil, "", "relative", "/a b"])
    func `files that cannot be told apart are left to ssh`(_ files: String?) {
        #expect(known(SSHDestination(host: "web", login: "ana", knownHosts: files)) == nil)
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
