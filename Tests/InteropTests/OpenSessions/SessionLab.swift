// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// An sshd, a CA made by ssh-keygen, and people with certificates of it.
struct SessionLab {
    let sshd: SSHServer
    let work: TemporaryDirectory
    private let ca: String

    /// Whom the certificates are for.
    static var login: String { SSHServer.loginUser }

    static func open(
        accounts: [SSHServer.Account] = [], logsToJournal: Bool = false, lines: [String] = [],
        _ body: (SessionLab) async throws -> Void
    ) async throws {
        try await inTurn {
            let work = try TemporaryDirectory()
            defer { work.close() }
            let ca = work.file("ca")
            try await MayflyCA.makeKey(ca, type: ["-t", "ed25519"])
            var configuration = SSHServer.Configuration(
                userCAKeys: [try String(contentsOfFile: ca + ".pub", encoding: .utf8)],
                principals: Dictionary(uniqueKeysWithValues: ([login] + accounts.map(\.name)).map { ($0, ["ops"]) }),
                extraLines: lines)
            configuration.accounts = accounts
            configuration.logsToJournal = logsToJournal
            try await serving(try await SSHServer(configuration)) { sshd in
                let lab = SessionLab(sshd: sshd, work: work, ca: ca)
                try await body(lab)
                try lab.removeAuthenticationFiles()
            }
        }
    }

    /// A new key with a certificate, as the path of the private key.
    /// - Parameter validity: as `ssh-keygen -V` takes it.
    func certify(_ serial: Int, validity: String = "-1m:+30m", options: [String] = []) async throws -> String {
        let key = work.file("key-\(serial)")
        try await MayflyCA.makeKey(key, type: ["-t", "ed25519"])
        try await run(
            "ssh-keygen",
            ["-q", "-s", ca, "-I", "ana@example.com/shell/rule-\(serial)", "-n", "ops", "-z", "\(serial)", "-V", validity]
                + options.flatMap { ["-O", $0] } + [key + ".pub"]
        ).checked()
        return key
    }

    /// A KRL of these certificates.
    func krl(_ serials: [Int]) async throws -> String {
        let list = try work.write(serials.map { "serial: \($0)\n" }.joined(), to: "revoked.txt")
        let path = work.file("revoked.krl")
        try await run("ssh-keygen", ["-q", "-k", "-f", path, "-s", ca + ".pub", list]).checked()
        return path
    }

    /// A connection that stays: `command` is to say `ready` and then to wait; `nil` opens no session on it.
    /// - Parameter log: what tells of a connection without a session; the server's own by default.
    func connect(
        _ key: String, as login: String = login, options: [String] = [], log: String? = nil,
        command: String? = "echo ready; exec sleep 1000"
    ) async throws -> BackgroundProcess {
        let arguments = try sshd.clientArguments(key: key, certificate: key + "-cert.pub", as: login)
        let log = log ?? sshd.logPath
        let before = try await sessions(log: log).count
        let connection = try await BackgroundProcess(
            "ssh", "ssh", (command == nil ? ["-N"] : []) + options + arguments + (command.map { [$0] } ?? []),
            logPath: work.file("ssh-\(UInt32.random(in: .min ... .max)).log"))
        try await connection.waitUntilReady {
            if command != nil { return connection.log.contains("ready") }
            return try await sessions(log: log).count > before
        }
        return connection
    }

    struct Session: Decodable {
        struct Certificate: Decodable {
            let serial: String
            let key_id: String
            let expires: Date?
            let ends_session_at_expiry: Bool?
        }
        let process: Int32
        let login: String
        let address: String?
        let port: UInt16?
        let since: Date
        let certificates: [Certificate]
        let evidence: String?
        let doubt: String?

        var serials: [String] { certificates.map(\.serial) }
    }

    private struct Sessions: Decodable { let sessions: [Session] }

    struct Outcome: Decodable {
        let session: Session
        let outcome: String
        let reason: String?
        let lasts_until: Date?
        let warned: Bool
    }

    private struct Outcomes: Decodable {
        let outcomes: [Outcome]
        let next_pass: Date?
    }

    private struct Errors: Decodable {
        struct Complaint: Decodable { let message: String }

        let errors: [Complaint]
    }

    /// What `mayfly host sessions` lists.
    func sessions(log: String) async throws -> [Session] {
        let own = try await connections()
        let result = try await sshd.inside(
            MayflyCA.binary, ["host", "sessions", "--json", "--user-ca", ca + ".pub", "--log", log]
        ).checked()
        return try decoder.decode(Sessions.self, from: Data(result.outputBytes)).sessions
            .filter { own.contains($0.process) }
    }

    /// What `mayfly host end-sessions` does.
    func endSessions(
        krl: String, log: String, expired: Bool = false, userCA: String? = nil
    ) async throws -> (outcomes: [Outcome], nextPass: Date?) {
        let own = try await connections()
        let result = try await sshd.inside(
            MayflyCA.binary,
            ["host", "end-sessions", "--json", "--user-ca", userCA ?? ca + ".pub", "--log", log, "--krl", krl]
                + (expired ? ["--expired"] : []))
        if (try? decoder.decode(Errors.self, from: Data(result.outputBytes))) != nil { throw Refused(text: result.stderr) }
        let document = try decoder.decode(Outcomes.self, from: Data(result.outputBytes))
        let isProblem = document.outcomes.contains { ["undetermined", "not-ended"].contains($0.outcome) }
        #expect(result.status == (isProblem ? 1 : 0), "\(result.stdout)\(result.stderr)")
        return (document.outcomes.filter { own.contains($0.session.process) }, document.next_pass)
    }

    /// What sshd wrote for connections that a signal ended: it leaves that behind.
    private func removeAuthenticationFiles() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: work.path).filter { $0.hasSuffix("-cert.pub") }
        let certificates = try files.map { try work.text(of: $0).split(separator: " ")[1] } + ["AAAA\n"]
        for name in try FileManager.default.contentsOfDirectory(atPath: "/tmp") where name.hasPrefix("sshauth.") {
            guard let text = try? String(contentsOfFile: "/tmp/" + name, encoding: .utf8) else { continue }
            if certificates.contains(where: text.contains) { try? FileManager.default.removeItem(atPath: "/tmp/" + name) }
        }
    }

    /// Numbers of the processes that this sshd has for its connections: other tests have theirs on the same host.
    private func connections() async throws -> Set<Int32> {
        let numbers = try await run("pgrep", ["-P", "\(sshd.processID)"]).stdout
        return Set(numbers.split(separator: "\n").compactMap { Int32($0) })
    }

    struct Refused: Error { let text: String }

    private var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}

extension [SessionLab.Outcome] {
    /// The outcome for the connection whose certificate the log or the account names.
    func of(_ serial: Int) -> String? { first { $0.session.serials == ["\(serial)"] }?.outcome }
}
