// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A host that runs `host sync` ends open sessions by itself, and the server knows which.
@Suite(.timeLimit(.minutes(30)))
struct HostSessionTests {
    private struct Waited: Decodable {
        struct Revocation: Decodable {
            let count: Int
            let krl_version: UInt64?
        }
        struct List: Decodable {
            let version: UInt64
            let hosts: Int
            let enforcing: Int
            let stale_count: Int
            let watching: Int
            let checked: Int
            let exposed_until: Date?
        }
        struct Line: Decodable {
            struct Session: Decodable {
                let outcome: String
                let reason: String
                let serial: String?
                let login: String
            }
            let host: String
            let session: Session
        }
        let revocation: Revocation
        let list: List?
        let sessions: [Line]?
        let complete: Bool
    }

    private func revoke(_ serial: String, _ lab: Lab, timeout: String = "60s") async throws -> (Waited, ProcessResult) {
        let result = try await lab.ca.mayfly([
            "revoke", "--serial", serial, "--kind", "ssh", "--reason", "laptop lost", "--wait", "--timeout", timeout, "--json",
        ])
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return (try decoder.decode(Waited.self, from: Data(result.outputBytes)), result)
    }

    private func enrolled(_ body: @Sendable (Lab, HostLab, String) async throws -> Void) async throws {
        try await Lab.open(policy: HostLab.policy) { lab in
            try await serving(try await HostLab(lab)) { host in
                #expect(try await host.enroll().succeeded)
                try await body(lab, host, try await lab.makeKey("key"))
            }
        }
    }

    private func alone(_ body: @Sendable (Lab, HostLab, String) async throws -> Void) async throws {
        try await Untold.connections.alone { try await enrolled(body) }
    }

    @Test func `a revocation ends the open session, and revoke --wait says which`() async throws {
        try await alone { lab, host, key in
            let lost = try await lab.certify(key, role: "shell"), kept = try await lab.certify(key, role: "shell")
            let serial = try await lab.serial(of: lost)
            try await serving(try await host.connect(key, lost)) { first in
                try await serving(try await host.connect(key, kept)) { second in
                    try await host.syncing { sync in
                        try await host.waitUntilWatched(by: sync)
                        let (waited, result) = try await revoke(serial, lab)
                        #expect(result.status == 0, "\(result.stdout)\(result.stderr)\(sync.log)")
                        #expect(waited.complete)
                        #expect(waited.list?.version == waited.revocation.krl_version)
                        #expect(waited.list?.hosts == 1 && waited.list?.enforcing == 1 && waited.list?.stale_count == 0)
                        #expect(waited.list?.watching == 1 && waited.list?.checked == 1)
                        #expect(waited.list?.exposed_until == nil)
                        let line = try #require(waited.sessions?.first)
                        #expect(waited.sessions?.count == 1)
                        #expect(line.host == host.name && line.session.serial == serial)
                        #expect(line.session.outcome == "ended" && line.session.reason == "revoked")
                        #expect(line.session.login == lab.login)
                        #expect(try await first.status(within: .seconds(60)) == 255)
                        #expect(second.isRunning)
                        #expect(sync.log.contains("ended the session of \(lab.login)"), "\(sync.log)")

                        #expect(try await lab.mayfly(["hosts"]).stdout.contains("1 ended"))
                        let lists = try await lab.mayfly(["hosts", "--lists"]).stdout
                        #expect(lists.contains("1 of 1"), "\(lists)")
                        let sessions = try await lab.mayfly(["hosts", "--sessions"]).stdout
                        #expect(sessions.contains("ended: revoked"), "\(sessions)")
                        let events = try await lab.mayfly(["audit", "tail", "--json"]).stdout
                        #expect(events.components(separatedBy: "ssh-session.ended").count == 2, "\(events)")
                        // What the server knows, the host forgets.
                        #expect(!FileManager.default.fileExists(atPath: host.ssh + "/mayfly/ended-sessions.json"))
                    }
                }
            }
            let left = try await host.mayfly(["host", "leave"])
            #expect(left.succeeded && !left.stderr.contains("stays"), "\(left.stderr)")
        }
    }

    @Test func `a login after the list was installed is refused, and a list that comes later ends what is open then`()
        async throws
    {
        try await alone { lab, host, key in
            try await host.syncing { sync in
                try await host.waitUntilWatched(by: sync)
                var revoked: [String] = []
                // One after the other, faster than rounds usually follow each other.
                for _ in 1...3 {
                    let certificate = try await lab.certify(key, role: "shell")
                    let serial = try await lab.serial(of: certificate)
                    try await serving(try await host.connect(key, certificate)) { connection in
                        let (waited, result) = try await revoke(serial, lab)
                        #expect(result.status == 0, "\(result.stderr)\(sync.log)")
                        #expect(waited.sessions?.map(\.session.serial) == [serial])
                        #expect(try await connection.status(within: .seconds(60)) == 255)
                    }
                    revoked.append(certificate)
                }
                // At the end: while sshd takes leave of whom it refused, that connection has no certificate on record.
                for certificate in revoked { #expect(try await host.logIn(key, certificate).status == 255) }
            }
        }
    }

    @Test(.enabled(if: CurrentUser.isRoot, "an ordinary user's sshd gives no terminal away"))
    func `where the role says so a session is warned and ends when its certificate expires`() async throws {
        try await enrolled { lab, host, key in
            let ending = try await lab.certify(key, role: "ending", ["--lifetime", "60s"])
            let staying = try await lab.certify(key, role: "shell", ["--lifetime", "60s"])
            try await serving(try await host.connect(key, ending, options: ["-tt"])) { first in
                try await serving(try await host.connect(key, staying, options: ["-tt"])) { second in
                    try await host.syncing { sync in
                        try await first.waitUntilReady {
                            first.log.contains("mayfly: this session ends in ")
                        }
                        #expect(try await first.status(within: .seconds(180)) == 255)
                        #expect(second.isRunning && !second.log.contains("mayfly"))
                        try await sync.waitUntilReady(within: .seconds(180)) {
                            try await lab.mayfly(["hosts", "--sessions"]).stdout.contains("ended: expired")
                        }
                    }
                }
            }
        }
    }

    @Test func `a host that does not hear of it is stale, and exposure ends when the certificate does`() async throws {
        try await enrolled { lab, host, key in
            let certificate = try await lab.certify(key, role: "shell")
            try await serving(try await host.connect(key, certificate)) { connection in
                let (waited, result) = try await revoke(try await lab.serial(of: certificate), lab, timeout: "2s")
                #expect(result.status == 1)
                #expect(!waited.complete)
                #expect(waited.list?.enforcing == 0 && waited.list?.stale_count == 1)
                #expect(waited.list?.exposed_until != nil)
                #expect(result.stderr.contains("0 of 1 hosts enforce"), "\(result.stderr)")
                #expect(result.stderr.contains("stale: \(host.name)"), "\(result.stderr)")
                #expect(result.stderr.contains("exposure ends by expiry at"), "\(result.stderr)")
                let lists = try await lab.mayfly(["hosts", "--lists"]).stdout
                #expect(lists.contains("0 of 1") && lists.contains(host.name), "\(lists)")
                #expect(connection.isRunning)
            }
        }
    }

    @Test func `a session of which nothing proves the certificate is said to be open`() async throws {
        try await alone { lab, host, key in
            let certificate = try await lab.certify(key, role: "shell")
            try await serving(try await host.connect(key, certificate, command: nil)) { connection in
                try await host.syncing(log: "none") { sync in
                    try await host.waitUntilWatched(by: sync)
                    let (waited, result) = try await revoke(try await lab.serial(of: certificate), lab)
                    #expect(result.status == 1, "\(result.stderr)")
                    #expect(waited.list?.checked == 1 && waited.list?.enforcing == 1)
                    #expect(waited.sessions?.map(\.session.outcome) == ["undetermined"])
                    #expect(connection.isRunning)
                    #expect(try await lab.mayfly(["hosts"]).stdout.contains("1 OPEN"))
                }
                await connection.stop()
                // Once it is gone, it is not open any more.
                #expect(try await host.mayfly(["host", "sync", "--once", "--log", "none"]).succeeded)
                #expect(!(try await lab.mayfly(["hosts"]).stdout.contains("OPEN")))
            }
        }
    }
}

extension Lab {
    func serial(of certificate: String) async throws -> String {
        let listing = try await listing(certificate)
        return try #require(listing.firstMatch(of: /Serial: ([0-9]+)/).map { String($0.1) })
    }
}

extension HostLab {
    /// Until the server knows that this host looks at its sessions: what comes then is a matter of moments.
    func waitUntilWatched(by sync: BackgroundProcess) async throws {
        try await sync.waitUntilReady {
            let hosts = try await self.lab.mayfly(["hosts"]).stdout
            return !hosts.contains("not watched")
        }
    }
}
