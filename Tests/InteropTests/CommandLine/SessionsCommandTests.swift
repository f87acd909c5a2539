// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `mayfly sessions` and `mayfly sessions end`.
@Suite(.timeLimit(.minutes(10)))
struct SessionsCommandTests {
    private struct List: Decodable {
        struct Session: Decodable {
            let serial: String
            let user: String
            let last_address: String?
            let current: Bool
        }

        let sessions: [Session]
    }

    private func list(_ lab: Lab, _ arguments: [String] = [], home: String? = nil) async throws -> [List.Session] {
        let text = try await lab.ca.mayfly(["sessions", "--json"] + arguments, home: home).checked().stdout
        return try JSONDecoder().decode(List.self, from: Data(text.utf8)).sessions
    }

    @Test func `an administrator sees all sessions and ends another's at once`() async throws {
        let person = MayflyCA.Person("ana@example.com", login: "ana", groups: ["engineers"])
        try await Lab.open(people: [person]) { lab in
            try await lab.ca.logIn(as: person.name)
            let home = lab.ca.home(of: person.name)
            let own = try await list(lab, home: home)
            #expect(own.map(\.user) == [person.name])
            #expect(own.map(\.current) == [true])
            #expect(own.first?.last_address == "127.0.0.1")
            #expect(Set(try await list(lab, ["--all"]).map(\.user)) == [person.name, MayflyCA.administrator])
            #expect(try await list(lab).map(\.user) == [MayflyCA.administrator])

            for arguments in [["sessions", "--all"], ["sessions", "--user", MayflyCA.administrator]] {
                let denied = try await lab.ca.mayfly(arguments, home: home)
                #expect(denied.status == 2)
                #expect(denied.stderr.contains("`sessions.read`"), "\(denied.stderr)")
            }
            let administrators = try #require(try await list(lab).first)
            let denied = try await lab.ca.mayfly(["sessions", "end", administrators.serial], home: home)
            #expect(denied.status == 2)
            #expect(denied.stderr.contains("`sessions.end`"), "\(denied.stderr)")

            let serial = try #require(own.first?.serial)
            let ended = try await lab.mayfly(["sessions", "end", serial, "--reason", "laptop lost"])
            #expect(ended.stdout == "ended \(serial)\n")
            let call = try await lab.ca.mayfly(["whoami"], home: home)
            #expect(call.status == 1)
            #expect(call.stderr.contains("the session was ended"), "\(call.stderr)")
            #expect(try await list(lab, ["--all"]).map(\.user) == [MayflyCA.administrator])
            let tail = try await lab.mayfly(["audit", "tail", "-n", "1"]).stdout
            #expect(
                tail.contains("end  \(MayflyCA.administrator)  session \(serial) of CN=\(person.name): laptop lost"), "\(tail)")
            let again = try await lab.ca.mayfly(["sessions", "end", serial])
            #expect(again.status == 1)
            #expect(again.stderr.contains("no open session"))
        }
    }

    @Test func `one ends all of one's other sessions and keeps the one at hand`() async throws {
        try await Lab.open { lab in
            let elsewhere = try ["elsewhere", "farther"].map { try lab.work.makeDirectory($0) }
            for home in elsewhere {
                try await lab.ca.mayfly(
                    [
                        "login", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--user", MayflyCA.administrator,
                        "--ssh-key", lab.ca.administratorKey,
                    ], home: home
                ).checked()
            }
            #expect(try await list(lab).count == 3)
            // In the same place again: the session that was there is over.
            try await lab.ca.logIn()
            #expect(try await list(lab).count == 3)
            let ended = try await lab.mayfly(["sessions", "end", "--others"])
            #expect(ended.stdout.split(separator: "\n").count == 2)
            #expect(try await list(lab).map(\.current) == [true])
            #expect(try await lab.ca.mayfly(["whoami"], home: elsewhere[0]).status == 1)
            #expect(try await lab.mayfly(["sessions", "end", "--others"]).stderr.contains("there was none to end"))
            try await lab.mayfly(["sessions", "end", "--user", MayflyCA.administrator])
            #expect(try await lab.ca.mayfly(["whoami"]).status == 1)
        }
    }

    @Test(arguments: [[], ["abc", "--others"], ["--others", "--user", "ana"]])
    func `it must be said which`(_ arguments: [String]) async throws {
        let result = try await run(MayflyCA.binary, ["sessions", "end"] + arguments)
        #expect(result.status == 64)
    }
}
