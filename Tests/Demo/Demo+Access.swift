// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

extension Demo {
    static let contractor = MayflyCA.Person("kim@agency.example", login: CurrentUser.name)
    static let engineer = MayflyCA.Person("ana@example.com", login: "ana")

    /// A contractor asks for a shell, an engineer agrees, and takes it away again while it is in use.
    func askApproveEnd(_ ca: MayflyCA) async throws {
        narrator.step("a host enrols with a one-time token; from then on it looks after itself")
        let host = try await EnrollableHost()
        try await serving(host) { host in
            let token = work.file("token")
            try await mayfly(ca, ["token", "create", "--role", "lab-host", "--host", "localhost", "--out", token])
            narrator.command("mayfly host enroll \(ca.url) --token token --role lab-host --host localhost --logins \(login)")
            try await mayfly(
                ca,
                [
                    "host", "enroll", ca.url, "--fingerprint", ca.fingerprint, "--token", token, "--role", "lab-host", "--host",
                    "localhost", "--logins", login, "--root", host.root, "--sshd", try Program.path(of: "sshd"),
                ], showing: false)
            narrator.command("mayfly host sync")
            try await serving(try await host.sync(home: ca.home)) { sync in
                try await sync.waitUntilReady {
                    try await !ca.mayfly(["hosts"]).checked().stdout.contains("not watched")
                }
                narrator.say(try await mayfly(ca, ["hosts"]))
                for person in [Self.contractor, Self.engineer] { try await ca.logIn(as: person.name) }
                let session = try await asked(ca, host)
                try await serving(session) { session in try await ended(ca, session, by: sync) }
            }
        }
    }

    /// The open session of somebody who was let in by somebody else.
    private func asked(_ ca: MayflyCA, _ host: EnrollableHost) async throws -> BackgroundProcess {
        narrator.step("kim, a contractor, has no access to it, and asks")
        let request = ["request", "lab-shell", "--host", "localhost", "--for", "30m", "--reason", "INC-7 disk full"]
        let waiting = try await background(ca, Self.contractor, request + ["--wait"])
        narrator.command("mayfly request lab-shell --host localhost --for 30m --reason 'INC-7 disk full' --wait")
        var id = ""
        try await waiting.waitUntilReady {
            id = waiting.log.firstMatch(of: /[a-z2-7]{12}/).map { String($0.output) } ?? ""
            return !id.isEmpty && waiting.log.contains("waits")
        }
        narrator.say(waiting.log)

        narrator.step("ana, an engineer, agrees: an SSH signature over exactly this request")
        narrator.command("mayfly approve \(id) --for 10m")
        try await by(Self.engineer, ca, ["approve", id, "--for", "10m", "--ssh-key", ca.key(of: Self.engineer.name)])
        try narrator.expect(try await waiting.status(within: .seconds(60)) == 0, "kim, who waited, hears of it")
        let session = try await background(
            ca, Self.contractor,
            ["ssh", "\(login)@localhost", "--role", "lab-shell", "--", "-F", "none", "-p", "\(host.port)"]
                + ["BatchMode=yes", "StrictHostKeyChecking=yes", "LogLevel=ERROR"].flatMap { ["-o", $0] }
                + ["exec sh -c 'while echo open; do sleep 0.1; done'"])
        narrator.command("mayfly ssh \(login)@localhost --role lab-shell")
        try await session.waitUntilReady { session.log.contains("open") }
        try narrator.expect(session.isRunning, "kim is in, for as long as the grant lasts and no longer")
        return session
    }

    private func ended(_ ca: MayflyCA, _ session: BackgroundProcess, by sync: BackgroundProcess) async throws {
        narrator.step("ana takes it back while kim is at work")
        let grants = try await by(Self.contractor, ca, ["requests", "--grants"])
        let id = grants.matches(of: /[a-z2-7]{12}/).last.map { String($0.output) } ?? ""
        narrator.command("mayfly deny \(id) --note 'use the runbook'")
        let started = ContinuousClock.now
        try await by(Self.engineer, ca, ["deny", id, "--note", "use the runbook"])
        let status = try await session.status(within: .seconds(60))
        let seconds = started.duration(to: .now) / .seconds(1)
        try narrator.expect(
            status != nil, "the host has ended the open session, \((seconds * 10).rounded() / 10) s after the command began")
        try await sync.waitUntilReady { try await ca.mayfly(["hosts"]).checked().stdout.contains("1 ended") }
        narrator.command("mayfly access show \(id)")
        narrator.say(try await by(Self.contractor, ca, ["access", "show", id]))
    }

    @discardableResult
    private func by(_ person: MayflyCA.Person, _ ca: MayflyCA, _ arguments: [String]) async throws -> String {
        let result = try await ca.mayfly(arguments, home: ca.home(of: person.name)).checked()
        return result.stdout + result.stderr
    }

    private func background(
        _ ca: MayflyCA, _ person: MayflyCA.Person, _ arguments: [String]
    ) async throws -> BackgroundProcess {
        let home = ca.home(of: person.name)
        return try await BackgroundProcess(
            "mayfly", MayflyCA.binary, arguments, environment: ["HOME": home, "MAYFLY_HOME": home + "/mayfly"],
            logPath: work.file("\(arguments[0]).log"))
    }
}
