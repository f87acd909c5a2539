// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `mayfly doctor`, with each of its steps broken in turn.
@Suite(.timeLimit(.minutes(10)))
struct DoctorCommandTests {
    private struct Report: Decodable {
        struct Step: Decodable {
            let step: String
            let result: String
            let detail: String?
            let hint: String?
        }

        let ok: Bool
        let steps: [Step]
    }

    private static let steps = [
        "state", "server", "trust", "clock", "provider", "session", "ssh", "agent", "credentials", "host-ca", "roles",
    ]

    private func examine(
        _ lab: Lab, home: String? = nil, environment: [String: String] = [:]
    ) async throws -> (report: Report, status: Int32) {
        let result = try await lab.ca.mayfly(["doctor", "--json"], home: home, environment: environment)
        return (try JSONDecoder().decode(Report.self, from: Data(result.stdout.utf8)), result.status)
    }

    /// What comes before is well, what comes after was not looked at.
    private func expectFailure(
        at step: String, _ words: String, hint: String, _ found: (report: Report, status: Int32),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let index = try #require(Self.steps.firstIndex(of: step))
        let results = Self.steps.indices.map { $0 < index ? "ok" : $0 == index ? "failed" : "skipped" }
        #expect(found.report.steps.map(\.step) == Self.steps, sourceLocation: sourceLocation)
        #expect(found.report.steps.map(\.result) == results, "\(found.report)", sourceLocation: sourceLocation)
        #expect(!found.report.ok, sourceLocation: sourceLocation)
        #expect(found.status == 1, sourceLocation: sourceLocation)
        let failed = found.report.steps[index]
        #expect(failed.detail?.contains(words) == true, "\(failed)", sourceLocation: sourceLocation)
        #expect(failed.hint?.contains(hint) == true, "\(failed)", sourceLocation: sourceLocation)
    }

    /// Replaces a file of the administrator's state for the time of `body`.
    private func replacing(
        _ name: String, _ lab: Lab, _ change: (String) -> String, _ body: () async throws -> Void
    ) async throws {
        let path = try Self.state(lab) + "/" + name
        let before = try String(contentsOfFile: path, encoding: .utf8)
        func write(_ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
        let after = change(before)
        #expect(after != before)
        try write(after)
        try await body()
        try write(before)
    }

    private static func state(_ lab: Lab) throws -> String {
        "\(lab.ca.home)/mayfly/servers/\(lab.ca.url.dropFirst("https://".count))"
    }

    @Test func `all is well after a login`() async throws {
        try await Lab.open { lab in
            let (report, status) = try await examine(lab, environment: ["SSH_AUTH_SOCK": ""])
            #expect(status == 0)
            #expect(report.ok)
            #expect(report.steps.map(\.step) == Self.steps)
            #expect(report.steps.allSatisfy { $0.result == "ok" && $0.detail?.isEmpty == false && $0.hint == nil }, "\(report)")
            let version = try await run("ssh", ["-V"]).stderr.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(report.steps[6].detail == version)
            #expect(report.steps[10].detail?.contains("lab-shell") == true)
            try await serving(try await SSHAgent()) { agent in
                try await agent.sshAdd(["-q", lab.ca.administratorKey]).checked()
                let found = try await examine(lab, environment: agent.environment).report
                #expect(found.steps[7].detail == "1 key at \(agent.socket)")
            }
            let text = try await lab.ca.mayfly(["doctor"])
            #expect(text.stdout.split(separator: "\n").count == Self.steps.count + 1)
            #expect(text.stderr.isEmpty)
        }
    }

    @Test func `files, trust and session are named when they are broken`() async throws {
        try await Lab.open { lab in
            try expectFailure(
                at: "state", "not logged in", hint: "mayfly login",
                try await examine(lab, home: lab.work.makeDirectory("stranger")))
            let session = try Self.state(lab) + "/session.pem"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: session)
            try expectFailure(at: "state", "can be read by others", hint: "chmod 600", try await examine(lab))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: session)
            try await replacing("server.json", lab, { _ in "{" }) {
                try expectFailure(at: "state", "is damaged", hint: "log in again", try await examine(lab))
            }
            let other = "SHA256:" + String(repeating: "A", count: 43)
            try await replacing("server.json", lab, { $0.replacing(lab.ca.fingerprint, with: other) }) {
                try expectFailure(at: "trust", "presents the service CA", hint: "between you and", try await examine(lab))
            }
            let root = try await lab.exported("root")
            try await replacing("service.pem", lab, { _ in root + "\n" }) {
                try expectFailure(at: "trust", "service.pem` is damaged", hint: "log in again", try await examine(lab))
            }
            try await replacing("session.pem", lab, { _ in "nothing" }) {
                try expectFailure(at: "session", "session.pem` is damaged", hint: "log in again", try await examine(lab))
            }
            let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJeQP8r1UQGcQNLAMF/UfzeA/txdZlGJUeIcux1JLoSd"
            let published = try await lab.exported("ssh-host")
            try await replacing("authorities.json", lab, { $0.replacing(published, with: key) }) {
                try expectFailure(at: "host-ca", "another SSH host CA", hint: "log in again", try await examine(lab))
            }
            try await lab.mayfly(["sessions", "end", "--user", MayflyCA.administrator])
            try expectFailure(at: "session", "the session was ended", hint: "mayfly login", try await examine(lab))
            await lab.ca.stop()
            try expectFailure(at: "server", "does not answer", hint: "mayfly serve", try await examine(lab))
        }
    }

    @Test func `a clock that is off is named, whichever way`() async throws {
        try await Lab.open { lab in
            func at(_ offset: String) async throws -> (report: Report, status: Int32) {
                let result = try await run(
                    "faketime", ["-f", offset, MayflyCA.binary, "doctor", "--json"],
                    environment: ["HOME": lab.ca.home, "MAYFLY_HOME": lab.ca.home + "/mayfly"])
                return (try JSONDecoder().decode(Report.self, from: Data(result.stdout.utf8)), result.status)
            }
            try expectFailure(at: "clock", "s ahead of the server", hint: "NTP", try await at("+5m"))
            // Before the server's certificate begins nothing can be trusted, the clock's difference neither.
            try expectFailure(at: "trust", "is not valid now", hint: "clocks", try await at("-2h"))
        }
    }

    @Test func `what is missing on this machine is named`() async throws {
        let person = MayflyCA.Person("ana@example.com", login: "ana")
        try await Lab.open(policy: TestPolicy.ssh, people: [person]) { lab in
            try expectFailure(
                at: "ssh", "`ssh` is not installed", hint: "openssh-client",
                try await examine(lab, environment: ["PATH": lab.work.makeDirectory("empty")]))
            let old = try lab.work.makeDirectory("old")
            try lab.work.write("#!/bin/sh\necho OpenSSH_6.4\n", to: "old/ssh", mode: 0o755)
            try expectFailure(
                at: "ssh", "knows no Ed25519 certificates", hint: "OpenSSH 6.5",
                try await examine(lab, environment: ["PATH": old + ":/bin"]))
            try expectFailure(
                at: "agent", "does not answer", hint: "ssh-agent",
                try await examine(lab, environment: ["SSH_AUTH_SOCK": lab.work.file("nowhere")]))
            let cache = try Self.state(lab) + "/ssh"
            try FileManager.default.createDirectory(
                atPath: cache, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let broken = cache + "/broken-cert.pub"
            let made = FileManager.default.createFile(
                atPath: broken, contents: Data("nothing".utf8), attributes: [.posixPermissions: 0o600])
            #expect(made)
            try expectFailure(at: "credentials", "broken-cert.pub` is damaged", hint: "log in again", try await examine(lab))
            try FileManager.default.removeItem(atPath: broken)

            try await lab.ca.logIn(as: person.name)
            try expectFailure(
                at: "roles", "no role is open to you", hint: "policies",
                try await examine(lab, home: lab.ca.home(of: person.name)))
        }
    }
}
