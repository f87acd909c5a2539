// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A revoked or expired certificate ends the connection it opened, and no other.
@Suite(.timeLimit(.minutes(30)))
struct OpenSessionTests {
    @Test(arguments: ["log", "account"])
    func `the connection of the revoked certificate ends, and the other lives`(evidence: String) async throws {
        try await SessionLab.open { lab in
            let log = evidence == "log" ? lab.sshd.logPath : "none"
            try await serving(try await lab.connect(try await lab.certify(7))) { revoked in
                try await serving(try await lab.connect(try await lab.certify(8))) { other in
                    let sessions = try await lab.sessions(log: log)
                    #expect(sessions.map(\.serials) == [["7"], ["8"]])
                    for session in sessions {
                        #expect(session.login == SessionLab.login)
                        #expect(session.address == "127.0.0.1")
                        #expect(session.evidence == evidence)
                        #expect(session.doubt == nil)
                        #expect(session.certificates.first?.key_id.hasPrefix("ana@example.com/shell/rule-") == true)
                        #expect(session.certificates.first?.expires != nil)
                        #expect(session.certificates.first?.ends_session_at_expiry == false)
                    }
                    let nothing = try await lab.endSessions(krl: try await lab.krl([99]), log: log)
                    #expect(nothing.outcomes.map(\.outcome) == ["stays", "stays"])

                    let pass = try await lab.endSessions(krl: try await lab.krl([7]), log: log)
                    #expect(pass.outcomes.of(7) == "ended", "\(lab.sshd.log)")
                    #expect(pass.outcomes.of(8) == "stays")
                    #expect(try await revoked.status(within: .seconds(60)) == 255)
                    #expect(other.isRunning)
                    #expect(try await lab.sessions(log: log).map(\.serials) == [["8"]])
                }
            }
        }
    }

    @Test func `a connection that only forwards ports is known from the log, and else said not to be known`() async throws {
        try await Untold.connections.alone {
            try await SessionLab.open { lab in
                try await serving(try await lab.connect(try await lab.certify(7), command: nil)) { connection in
                    let krl = try await lab.krl([7])
                    let blind = try await lab.endSessions(krl: krl, log: "none")
                    #expect(blind.outcomes.map(\.outcome) == ["undetermined"])
                    #expect(blind.outcomes.first?.reason?.contains("`ssh -N`") == true)
                    #expect(connection.isRunning)

                    let session = try #require(try await lab.sessions(log: lab.sshd.logPath).first)
                    #expect(session.serials == ["7"])
                    // The file of the account tells what the log does not.
                    #expect(session.certificates.first?.expires != nil)
                    let pass = try await lab.endSessions(krl: krl, log: lab.sshd.logPath)
                    #expect(pass.outcomes.of(7) == "ended")
                    #expect(try await connection.status(within: .seconds(60)) == 255)
                }
            }
        }
    }

    @Test func `sftp within sshd is known from the log`() async throws {
        try await SessionLab.open(lines: ["Subsystem sftp internal-sftp"]) { lab in
            let key = try await lab.certify(7)
            let arguments = try lab.sshd.clientArguments(key: key, certificate: key + "-cert.pub")
            let line = (["ssh", "-s"] + arguments + ["sftp"]).map { "'\($0)'" }.joined(separator: " ")
            let connection = try await BackgroundProcess(
                "sftp", "bash", ["-c", "sleep 1000 | exec \(line)"], logPath: lab.work.file("sftp.log"))
            try await serving(connection) { connection in
                try await connection.waitUntilReady {
                    guard lab.sshd.log.contains("subsystem 'sftp'") else { return false }
                    return try await lab.sessions(log: lab.sshd.logPath).count == 1
                }
                let pass = try await lab.endSessions(krl: try await lab.krl([7]), log: lab.sshd.logPath)
                #expect(pass.outcomes.map(\.outcome) == ["ended"])
                #expect(try await lab.sessions(log: lab.sshd.logPath).isEmpty)
            }
        }
    }

    @Test func `the sessions of a multiplexed connection end together`() async throws {
        try await SessionLab.open { lab in
            let key = try await lab.certify(7)
            let control = ["-o", "ControlPath=\"\(lab.work.file("control"))\"", "-o", "ControlMaster=auto"]
            try await serving(try await lab.connect(key, options: control)) { first in
                try await serving(try await lab.connect(key, options: control)) { second in
                    #expect(try await lab.sessions(log: "none").map(\.serials) == [["7"]])
                    let pass = try await lab.endSessions(krl: try await lab.krl([7]), log: "none")
                    #expect(pass.outcomes.map(\.outcome) == ["ended"])
                    #expect(try await first.status(within: .seconds(60)) == 255)
                    #expect(try await second.status(within: .seconds(60)) == 255)
                }
            }
        }
    }

    @Test func `who has not logged in, or not by a certificate of the CA, is left alone`() async throws {
        try await SessionLab.open { lab in
            // Another CA that sshd trusts, and a connection that never logs in.
            try await SessionLab.open { other in
                try await serving(
                    try await BackgroundProcess(
                        "nobody", "bash", ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(lab.sshd.port); sleep 1000"],
                        logPath: lab.work.file("nobody.log"))
                ) { nobody in
                    try await serving(try await other.connect(try await other.certify(7))) { connection in
                        let pass = try await lab.endSessions(krl: try await lab.krl([7]), log: other.sshd.logPath)
                        #expect(pass.outcomes.isEmpty)
                        #expect(connection.isRunning)
                        #expect(nobody.isRunning)
                    }
                }
            }
        }
    }

    @Test func `a CA key that is revoked, and no longer trusted, takes its sessions with it, as sshd refuses its logins`()
        async throws
    {
        let folder = try TemporaryDirectory()
        let list = folder.file("revoked.krl")
        try await run("ssh-keygen", ["-q", "-k", "-f", list]).checked()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: list)
        try await SessionLab.open(lines: ["RevokedKeys \"\(list)\""]) { lab in
            let key = try await lab.certify(7)
            try await serving(try await lab.connect(key)) { connection in
                try await SessionLab.open { other in
                    try await serving(try await other.connect(try await other.certify(7))) { stranger in
                        try await run("ssh-keygen", ["-q", "-k", "-f", list, lab.work.file("ca.pub")]).checked()
                        let refused = try await lab.sshd.ssh(key: key, certificate: key + "-cert.pub")
                        #expect(refused.status == 255)
                        #expect(lab.sshd.log.contains("revoked by file \(list)"), "\(lab.sshd.log)")

                        // The host trusts another CA by now: the list alone tells that this one was ours.
                        let trusted = try folder.write(
                            try String(contentsOfFile: other.work.file("ca.pub"), encoding: .utf8), to: "trusted.pub")
                        let pass = try await lab.endSessions(krl: list, log: lab.sshd.logPath, userCA: trusted)
                        #expect(pass.outcomes.of(7) == "ended", "\(pass.outcomes)")
                        #expect(try await connection.status(within: .seconds(60)) == 255)
                        #expect(stranger.isRunning)
                    }
                }
            }
        }
    }

    @Test func `without a list nothing ends`() async throws {
        try await SessionLab.open { lab in
            try await serving(try await lab.connect(try await lab.certify(7))) { connection in
                for text in ["", "no KRL"] {
                    let path = try lab.work.write(text, to: "broken.krl")
                    await #expect(throws: SessionLab.Refused.self) { try await lab.endSessions(krl: path, log: "none") }
                }
                #expect(connection.isRunning)
            }
        }
    }
}

/// The end of a certificate, where its role says that it is the end of sessions.
@Suite(.timeLimit(.minutes(30)))
struct SessionExpiryTests {
    private static let ending = "extension:end-session-at-expiry@mayfly"

    @Test func `a session that is to end with its certificate does, and another one does not`() async throws {
        try await SessionLab.open { lab in
            let ending = try await lab.certify(7, validity: "-1m:+60s", options: [Self.ending])
            let staying = try await lab.certify(8, validity: "-1m:+60s")
            try await serving(try await lab.connect(ending)) { first in
                try await serving(try await lab.connect(staying)) { second in
                    let krl = try await lab.krl([99])
                    let early = try await lab.endSessions(krl: krl, log: "none", expired: true)
                    let end = try #require(early.outcomes.first?.lasts_until)
                    #expect(early.outcomes.map(\.outcome) == ["stays", "stays"])
                    #expect(early.outcomes.last?.lasts_until == nil)
                    #expect(early.nextPass.map { $0 <= end } == true)
                    try await Task.sleep(for: .seconds(max(0, end.timeIntervalSinceNow) + 0.1))

                    let unasked = try await lab.endSessions(krl: krl, log: "none")
                    #expect(unasked.outcomes.map(\.outcome) == ["stays", "stays"])
                    let pass = try await lab.endSessions(krl: krl, log: "none", expired: true)
                    #expect(pass.outcomes.of(7) == "ended")
                    #expect(pass.outcomes.of(8) == "stays")
                    #expect(try await first.status(within: .seconds(60)) == 255)
                    #expect(second.isRunning)
                }
            }
        }
    }

    @Test(.enabled(if: CurrentUser.isRoot, "an ordinary user's sshd gives no terminal away"))
    func `the terminal is told two minutes before`() async throws {
        try await SessionLab.open { lab in
            let soon = try await lab.certify(7, validity: "-1m:+100s", options: [Self.ending])
            let late = try await lab.certify(8, validity: "-1m:+1h", options: [Self.ending])
            try await serving(try await lab.connect(soon, options: ["-tt"])) { first in
                try await serving(try await lab.connect(late, options: ["-tt"])) { second in
                    let pass = try await lab.endSessions(krl: try await lab.krl([99]), log: "none", expired: true)
                    #expect(pass.outcomes.map(\.warned) == [true, false])
                    try await first.waitUntilReady { first.log.contains("mayfly: this session ends in ") }
                    #expect(!second.log.contains("mayfly"))
                }
            }
        }
    }

    @Test func `a role says it, the certificate carries it, and sshd takes no notice`() async throws {
        let policy = """
            version: 1
            zones: {lab: {hosts: [localhost]}}
            roles:
              ending: {ssh: {logins: ["{user.login}"], zones: [lab], end_session_at_expiry: true}}
            allow:
              - {id: admins, who: {groups: [admins]}, roles: [ending], lifetime: {max: 1h}}
            """
        try await Lab.open(policy: policy) { lab in
            let key = try await lab.makeKey("key")
            let certificate = try await lab.certify(key, role: "ending")
            #expect(try await lab.listing(certificate).contains("end-session-at-expiry@mayfly"))
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                let login = try await sshd.ssh(key: key, certificate: certificate)
                #expect(login.succeeded, "\(sshd.log)")
            }
        }
    }
}
