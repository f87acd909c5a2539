// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestProviders
import TestSupport
import Testing

/// People who work in a container, with the device flow in the place of the browser they do not have.
@Suite(.timeLimit(.minutes(10)), .enabled(if: Container.isPossible, "no program may have namespaces of its own here"))
struct ContainerTests {
    private static let policy = """
        version: 1
        zones: {lab: {hosts: [localhost]}}
        roles:
          shell: {ssh: {logins: [\(CurrentUser.name)], zones: [lab]}}
          host: {ssh_host: {zones: [lab]}}
          auditor: {capabilities: [audit.read]}
        allow:
          - {id: sre-works, who: {groups: [sre]}, roles: [shell], lifetime: {max: 1h}}
          - {id: admins-certify-hosts, who: {groups: [admins]}, roles: [host, auditor], lifetime: {max: 1h}}
        """

    private func withLab(_ body: (Lab, FakeProvider, _ login: [String]) async throws -> Void) async throws {
        let fake = try await FakeProvider()
        let files = try TemporaryDirectory()
        defer { files.close() }
        let secret = try files.write(FakeProvider.clientSecret + "\n", to: "client", mode: 0o600)
        let providers = """
            {corp: {type: people, issuer: "\(fake.issuer)", client_id: mayfly, client_secret_file: "\(secret)", \
            domains: [corp.example], groups: [sre], groups_claim: groups, device_flow: allowed}}
            """
        try await Lab.open(policy: Self.policy, settings: ["providers": providers]) { lab in
            try await body(
                lab, fake,
                [MayflyCA.binary, "login", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--provider", "corp"])
        }
    }

    private func ana(_ fake: FakeProvider) -> Claims {
        Claims(issuer: fake.issuer, audience: FakeProvider.clientID, now: Date()).with("email", "ana@corp.example")
            .with("email_verified", json: "true").with("groups", json: #"["sre"]"#)
    }

    @Test func `one logs in, works and logs out in a container with nothing but MAYFLY_HOME`() async throws {
        try await withLab { lab, fake, login in
            let home = try lab.work.makeDirectory("home")
            let environment = ["MAYFLY_HOME": home + "/state"]
            let nameless = Container(folder: home, isNameless: true)
            func mayfly(_ arguments: [String]) async throws -> ProcessResult {
                try await nameless.run([MayflyCA.binary] + arguments, environment: environment)
            }
            let session = try await withThrowingTaskGroup(of: ProcessResult?.self) { group in
                group.addTask { try await nameless.run(login, environment: environment) }
                group.addTask {
                    try await eventually { !fake.calls(to: "/token").isEmpty }
                    try fake.approveDevices(ana(fake))
                    return nil
                }
                return try await group.reduce(nil) { $0 ?? $1 }
            }
            #expect(session?.stdout.contains("as ana@corp.example until") == true, "\(session?.stderr ?? "")")
            #expect(session?.stderr.contains("type the code WDJB-MJHT") == true)
            #expect(try await mayfly(["whoami"]).checked().stdout.contains("sre"))

            let issued = try await mayfly(["issue", "ssh", "--role", "shell", "--out", home + "/id"])
            #expect(issued.succeeded, "\(issued.stderr)")
            #expect(try await lab.listing(home + "/id-cert.pub").contains("\(lab.login)@zone:lab"))
            let agent = try await mayfly(["issue", "ssh", "--role", "shell", "--agent"])
            #expect(agent.status == 1 && agent.stderr.contains("no ssh-agent is running"), "\(agent.stderr)")
            let doctor = try await mayfly(["doctor"])
            #expect(doctor.stdout.contains("ana@corp.example until"), "\(doctor)")

            let hostKey = try await lab.makeKey("ssh_host_key")
            let certificate = try await lab.certifyHost(hostKey, name: "localhost")
            let sshd = try await lab.sshd(zones: ["lab"], hostKey: hostKey, hostCertificate: certificate)
            try await serving(sshd) { sshd in
                // ssh itself refuses a user without an entry in `passwd`.
                let ssh = try await Container(folder: home).run(
                    [MayflyCA.binary, "ssh", "\(lab.login)@localhost", "--"] + (try lab.sshOptions(sshd)) + ["id", "-un"],
                    environment: environment)
                #expect(ssh.stdout == lab.login + "\n", "\(ssh.stderr)\(sshd.log)")
            }

            let logout = try await mayfly(["logout"])
            #expect(logout.succeeded, "\(logout.stderr)")
            #expect(try await mayfly(["whoami"]).stderr.contains("you are not logged in"))
            let left = try FileManager.default.subpathsOfDirectory(atPath: home)
            #expect(!left.contains { $0.contains("session") || $0.hasSuffix("ssh") }, "\(left)")
        }
    }

    @Test func `on a read-only mount nobody proves anything, and is told what would help`() async throws {
        try await withLab { lab, fake, login in
            let home = try lab.work.makeDirectory("home")
            let state = home + "/state"
            let byKey = [
                MayflyCA.binary, "login", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--user", MayflyCA.administrator,
                "--ssh-key", lab.ca.administratorKey,
            ]
            func logIns() async throws -> Int {
                try await lab.mayfly(["audit", "tail"]).stdout.ranges(of: "  login  ").count
            }
            let before = try await logIns()
            func refuse(_ environment: [String: String], _ path: String) async throws {
                for words in [login, byKey] {
                    let refused = try await Container(folder: home, isReadOnly: true).run(words, environment: environment)
                    #expect(refused.status == 1 && refused.stdout.isEmpty, "\(refused)")
                    #expect(
                        refused.stderr.contains("error: `\(path)` cannot be written, and a session has to be kept there"),
                        "\(refused.stderr)")
                    #expect(refused.stderr.contains("hint: set `MAYFLY_HOME` to a folder that can be written"))
                }
            }
            // New, as `MAYFLY_HOME` and below a home; and where a login has been before.
            try await refuse(["MAYFLY_HOME": state], state)
            try await refuse(["HOME": home], home + "/.config")
            try await Container(folder: home).run(byKey, environment: ["MAYFLY_HOME": state]).checked()
            try await refuse(["MAYFLY_HOME": state], state)
            #expect(fake.calls(to: "/device").isEmpty && fake.calls(to: "/token").isEmpty)
            #expect(try await logIns() == before + 1, "one was possible")
            #expect(try !FileManager.default.subpathsOfDirectory(atPath: home).contains { $0.contains("probe") })
            // What was there before can be used.
            let whoami = try await Container(folder: home, isReadOnly: true).run(
                [MayflyCA.binary, "whoami"], environment: ["MAYFLY_HOME": state])
            #expect(whoami.stdout.contains(MayflyCA.administrator), "\(whoami.stderr)")
            // It ends at the server; what stays here is named, and is worth nothing any more.
            let logout = try await Container(folder: home, isReadOnly: true).run(
                [MayflyCA.binary, "logout"], environment: ["MAYFLY_HOME": state])
            #expect(logout.succeeded && logout.stderr.contains("session.pem` cannot be removed"), "\(logout.stderr)")
            let ended = try await Container(folder: home).run(
                [MayflyCA.binary, "whoami"], environment: ["MAYFLY_HOME": state])
            #expect(ended.status == 1 && ended.stderr.contains("the session was ended"), "\(ended.stderr)")
        }
    }
}
