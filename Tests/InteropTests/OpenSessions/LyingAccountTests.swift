// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Who has an account can write its environment and its files. With them nobody ends the session of another account, and
/// beside sshd's log nobody hides their own.
@Suite(.timeLimit(.minutes(30)), .enabled(if: SSHServer.canHaveAccounts, "needs root and accounts of its own"))
struct LyingAccountTests {
    enum Lie: String, CaseIterable {
        case noFile = "export SSH_USER_AUTH=/tmp/sshauth.aaaaaaaaaaaaaaa"
        case nothing = "unset SSH_USER_AUTH"
        case otherAccount =
            "export SSH_USER_AUTH=$(ls /tmp/sshauth.* | while read -r f; do test -O $f || { echo $f; break; }; done)"
        case link = "ln -s $SSH_USER_AUTH /tmp/sshauth.linklinklinklin; export SSH_USER_AUTH=/tmp/sshauth.linklinklinklin"
        case elsewhere = "cp $SSH_USER_AUTH /tmp/mayfly-lie.tmp; export SSH_USER_AUTH=/tmp/mayfly-lie.tmp"
        case deleted = "rm $SSH_USER_AUTH"
        case garbage = "echo publickey ssh-ed25519-cert-v01@openssh.com AAAA > $SSH_USER_AUTH"
    }

    /// What is in doubt here would be in doubt for every host that looks meanwhile.
    private func alone(
        accounts: [SSHServer.Account], logsToJournal: Bool = false, _ body: @Sendable (SessionLab) async throws -> Void
    ) async throws {
        try await Untold.connections.alone {
            try await SessionLab.open(accounts: accounts, logsToJournal: logsToJournal, body)
        }
    }

    @Test(arguments: Lie.allCases)
    func `a lie hides nothing from the log, and is no truth without it`(lie: Lie) async throws {
        try await alone(accounts: ["tina", "bo"]) { lab in
            try await serving(try await lab.connect(try await lab.certify(8), as: "bo")) { honest in
                let liar = try await lab.connect(
                    try await lab.certify(7), as: "tina", command: "\(lie.rawValue); echo ready; exec sleep 1000")
                try await serving(liar) { liar in
                    let krl = try await lab.krl([7])
                    let blind = try await lab.endSessions(krl: krl, log: "none")
                    #expect(blind.outcomes.map(\.session.login) == ["bo", "tina"])
                    #expect(blind.outcomes.map(\.outcome) == ["stays", "undetermined"], "\(blind.outcomes)")
                    #expect(liar.isRunning)

                    let pass = try await lab.endSessions(krl: krl, log: lab.sshd.logPath)
                    #expect(pass.outcomes.of(7) == "ended")
                    #expect(pass.outcomes.of(8) == "stays")
                    #expect(try await liar.status(within: .seconds(60)) == 255)
                    #expect(honest.isRunning)
                }
            }
            for name in ["sshauth.linklinklinklin", "mayfly-lie.tmp"] {
                try? FileManager.default.removeItem(atPath: "/tmp/" + name)
            }
        }
    }

    @Test func `who claims a revoked certificate ends no session but their own`() async throws {
        try await SessionLab.open(accounts: ["tina", "bo"]) { lab in
            let revoked = try await lab.certify(7)
            try await serving(try await lab.connect(try await lab.certify(8), as: "bo")) { honest in
                let claim = try String(contentsOfFile: revoked + "-cert.pub", encoding: .utf8)
                    .split(separator: " ").prefix(2).joined(separator: " ")
                let liar = try await lab.connect(
                    try await lab.certify(9), as: "tina",
                    command: "echo 'publickey \(claim)' > $SSH_USER_AUTH; echo ready; exec sleep 1000")
                try await serving(liar) { liar in
                    // The log knows better.
                    let krl = try await lab.krl([7])
                    let told = try await lab.endSessions(krl: krl, log: lab.sshd.logPath)
                    #expect(told.outcomes.map(\.outcome) == ["stays", "stays"])
                    let blind = try await lab.endSessions(krl: krl, log: "none")
                    #expect(blind.outcomes.of(7) == "ended")
                    #expect(blind.outcomes.of(8) == "stays")
                    #expect(try await liar.status(within: .seconds(60)) == 255)
                    #expect(honest.isRunning)
                }
            }
        }
    }

    @Test func `two connections that name one file are both in doubt`() async throws {
        try await alone(accounts: ["tina"]) { lab in
            try await serving(try await lab.connect(try await lab.certify(8), as: "tina")) { honest in
                let liar = try await lab.connect(
                    try await lab.certify(7), as: "tina",
                    command: "export SSH_USER_AUTH=$(ls /tmp/sshauth.* | grep -v $SSH_USER_AUTH | "
                        + "while read -r f; do test -O $f && echo $f; done); echo ready; exec sleep 1000")
                try await serving(liar) { liar in
                    let krl = try await lab.krl([7])
                    let blind = try await lab.endSessions(krl: krl, log: "none")
                    #expect(blind.outcomes.map(\.outcome) == ["undetermined", "undetermined"])
                    let pass = try await lab.endSessions(krl: krl, log: lab.sshd.logPath)
                    #expect(pass.outcomes.of(7) == "ended")
                    #expect(pass.outcomes.of(8) == "stays")
                    #expect(honest.isRunning)
                }
            }
        }
    }

    @Test(.enabled(if: SSHServer.canHaveJournal, "needs root and systemd-journald"))
    func `the journal knows who wrote a line, and nobody ends another's session with one`() async throws {
        try await alone(accounts: ["tina", "bo"], logsToJournal: true) { lab in
            try await serving(try await lab.connect(try await lab.certify(8), as: "bo", log: "journal")) { honest in
                let seen = try #require(try await lab.sessions(log: "journal").first)
                let authority = try await run("ssh-keygen", ["-l", "-f", lab.work.file("ca.pub")]).checked()
                    .stdout.split(separator: " ")[1]
                let line =
                    "Accepted publickey for bo from 127.0.0.1 port \(seen.port ?? 0) ssh2: ED25519-CERT \(authority) "
                    + "ID x (serial 7) CA ED25519 \(authority)"
                let liar = try await lab.connect(
                    try await lab.certify(7), as: "tina", log: "journal",
                    command: "logger -p auth.info -t 'sshd[\(seen.process)]' '\(line)'; rm $SSH_USER_AUTH; echo ready; "
                        + "exec sleep 1000")
                try await serving(liar) { liar in
                    let pass = try await lab.endSessions(krl: try await lab.krl([7]), log: "journal")
                    #expect(pass.outcomes.map(\.session.login).sorted() == ["bo", "tina"])
                    #expect(pass.outcomes.of(7) == "ended", "\(pass.outcomes)")
                    #expect(pass.outcomes.of(8) == "stays", "\(pass.outcomes)")
                    #expect(try await liar.status(within: .seconds(60)) == 255)
                    #expect(honest.isRunning)
                }
            }
        }
    }
}
