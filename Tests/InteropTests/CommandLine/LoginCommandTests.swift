// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `mayfly login` and `logout`, with a real ssh-agent and real key files.
@Suite(.timeLimit(.minutes(10)))
struct LoginCommandTests {
    @Test(arguments: [
        ["-t", "ed25519"], ["-t", "ecdsa", "-b", "256"], ["-t", "ecdsa", "-b", "521"], ["-t", "rsa", "-b", "3072"],
    ])
    func `one logs in with a key of any type, from a file and from ssh-agent`(type: [String]) async throws {
        let person = "ana@example.com"
        try await Lab.open { lab in
            let key = try await lab.makeKey("ana", type: type)
            let line = try lab.work.text(of: "ana.pub").trimmingCharacters(in: .newlines)
            try lab.addUser(person, login: "ana", key: line)
            let login = ["login", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--user", person]
            let fileHome = try lab.work.makeDirectory("file-home")
            try await lab.whenUsersAreRead {
                try await lab.ca.mayfly(login + ["--ssh-key", key], home: fileHome).succeeded
            }
            #expect(try await lab.ca.mayfly(["whoami"], home: fileHome).checked().stdout.contains(person))

            try await serving(try await SSHAgent()) { agent in
                let agentHome = try lab.work.makeDirectory("agent-home")
                let without = try await lab.ca.mayfly(login, home: agentHome, environment: agent.environment)
                #expect(without.status == 1)
                try await agent.sshAdd(["-q", lab.ca.administratorKey]).checked()
                let wrongKey = try await lab.ca.mayfly(login, home: agentHome, environment: agent.environment)
                #expect(wrongKey.status == 1, "the agent has the key of another person")
                try await agent.sshAdd(["-q", key]).checked()
                let session = try await lab.ca.mayfly(login, home: agentHome, environment: agent.environment)
                #expect(session.stdout.contains("as \(person) until"), "\(session.stderr)")
            }
        }
    }

    @Test func `no session is made with a wrong key, for a stranger, or with another CA`() async throws {
        try await Lab.open { lab in
            let key = try await lab.makeKey("stranger")
            let home = try lab.work.makeDirectory("home")
            func logIn(_ fingerprint: String, _ user: String, _ key: String) async throws -> ProcessResult {
                try await lab.ca.mayfly(
                    ["login", lab.ca.url, "--fingerprint", fingerprint, "--user", user, "--ssh-key", key], home: home)
            }
            let (right, ada) = (lab.ca.fingerprint, MayflyCA.administrator)
            let wrongKey = try await logIn(right, ada, key)
            let stranger = try await logIn(right, "eve@example.com", lab.ca.administratorKey)
            #expect(wrongKey.status == 1)
            #expect(stranger.status == 1)
            #expect(wrongKey.stderr == stranger.stderr.replacingOccurrences(of: lab.ca.administratorKey, with: key))

            let otherCA = try await logIn("SHA256:" + String(repeating: "A", count: 43), ada, lab.ca.administratorKey)
            #expect(otherCA.status == 1)
            #expect(otherCA.stderr.contains("presents the service CA"), "\(otherCA.stderr)")
            #expect(try await lab.ca.mayfly(["whoami"], home: home).status == 1)
        }
    }

    @Test func `logout ends the session at once, for whoever holds its key`() async throws {
        try await Lab.open { lab in
            let session = try await lab.session()
            #expect(try await lab.whoami(session).stdout.hasSuffix("\n200\n"))
            try await lab.mayfly(["logout"])
            let ended = try await lab.whoami(session)
            #expect(ended.stdout.contains("the session was ended"))
            #expect(ended.stdout.hasSuffix("\n401\n"))
            let call = try await lab.ca.mayfly(["whoami"])
            #expect(call.status == 1)
            #expect(call.stderr.contains("log in with `mayfly login`"))
        }
    }

    @Test func `who logs in in the place of another has none of what that one was given`() async throws {
        let people = [
            MayflyCA.Person("ana@example.com", login: "ana", groups: ["engineers"]),
            MayflyCA.Person("kim@agency.example", login: "kim"),
        ]
        try await Lab.open(people: people) { lab in
            try await serving(try await SSHAgent()) { agent in
                let home = try lab.work.makeDirectory("shared")
                func mayfly(_ arguments: [String]) async throws -> ProcessResult {
                    try await lab.ca.mayfly(arguments, home: home, environment: agent.environment)
                }
                func logIn(_ person: MayflyCA.Person) async throws {
                    let known = ["login", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--user", person.name]
                    try await mayfly(known + ["--ssh-key", lab.ca.key(of: person.name)]).checked()
                }
                // Nobody listens there: ssh ends with 255, once it has a certificate.
                let port = try Loopback.freePort()
                func ssh() async throws -> Int32 {
                    let options = ["-F", "none", "-p", "\(port)", "-o", "BatchMode=yes", "true"]
                    return try await mayfly(["ssh", "ana@localhost", "--role", "lab-shell", "--"] + options).status
                }
                func users() async throws -> [String] {
                    let list = try await lab.mayfly(["sessions", "--all", "--json"]).stdout
                    return list.matches(of: /"user" : "([^"]*)"/).map { String($0.1) }.sorted()
                }
                func agentHolds() async throws -> Bool { try await agent.sshAdd(["-L"]).succeeded }

                try await logIn(people[0])
                #expect(try await ssh() == 255)
                try await mayfly(["issue", "ssh", "--role", "lab-shell", "--agent"]).checked()
                try await logIn(people[0])
                #expect(try await users() == [MayflyCA.administrator, "ana@example.com"])
                #expect(try await agentHolds(), "it is still the same person")

                try await logIn(people[1])
                #expect(try await users() == [MayflyCA.administrator, "kim@agency.example"])
                #expect(try await !agentHolds())
                #expect(try await ssh() == 2, "the server is asked, and refuses")
            }
        }
    }

    @Test func `who may do less is told the rule that says so, with status 2`() async throws {
        let person = MayflyCA.Person("kim@agency.example", login: "kim")
        try await Lab.open(people: [person]) { lab in
            try await lab.ca.logIn(as: person.name)
            func call(_ arguments: [String]) async throws -> ProcessResult {
                try await lab.ca.mayfly(arguments, home: lab.ca.home(of: person.name))
            }
            let shell = try await call(["issue", "ssh", "--role", "lab-shell", "--out", lab.work.file("id")])
            #expect(shell.status == 2)
            #expect(shell.stderr.hasPrefix("mayfly: denied"), "\(shell.stderr)")
            #expect(shell.stderr.contains(/lab\.yaml:\d+/), "\(shell.stderr)")
            #expect(!FileManager.default.fileExists(atPath: lab.work.file("id")))

            let production = try await call(["issue", "ssh", "--role", "prod-web-debug", "--reason", "INC-1"])
            #expect(production.status == 2)
            #expect(production.stderr.contains(/people\.yaml:\d+/), "a deny rule names itself: \(production.stderr)")
            for arguments in [["audit", "tail"], ["audit", "verify"], ["revoke", "--serial", "1", "--reason", "x"]] {
                #expect(try await call(arguments).status == 2)
            }
        }
    }
}
