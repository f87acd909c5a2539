// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// A real sshd joins, enforces what is revoked, and leaves.
@Suite(.timeLimit(.minutes(10)))
struct HostEnrolmentTests {
    @Test func `a host joins, enforces a revocation at the next login, and leaves without a trace`() async throws {
        try await Lab.open(policy: HostLab.policy) { lab in
            try await serving(try await HostLab(lab)) { host in
                let key = try await lab.makeKey("key")
                let certificate = try await lab.certify(key, role: "shell")
                let before = try host.snapshot()
                #expect(try await host.logIn(key, certificate).stderr.contains("Host key verification failed"))

                let enrolled = try await host.enroll(["--systemd"])
                #expect(enrolled.succeeded, "\(enrolled.stderr)")
                #expect(enrolled.stderr.contains("sshd has read it"), "\(enrolled.stderr)")
                let login = try await host.logIn(key, certificate)
                #expect(login.stdout == lab.login + "\n", "\(login.stderr)\(host.log)")

                let other = try await lab.certify(key, role: "shell")
                let serial = try await lab.serial(of: certificate)
                try await lab.mayfly(["revoke", "--serial", serial, "--kind", "ssh", "--reason", "laptop lost"])
                #expect(try await lab.mayfly(["hosts", "--stale"]).stdout.contains("stale: enforces list"))
                let synced = try await host.mayfly(["host", "sync", "--once"])
                #expect(synced.succeeded, "\(synced.stderr)")
                #expect(synced.stderr.contains("enforces revocation list"), "\(synced.stderr)")
                #expect(try await host.logIn(key, certificate).status == 255)
                #expect(host.log.contains("revoked by file \(host.revocationList)"), "\(host.log)")
                #expect(try await host.logIn(key, other).succeeded)

                #expect(try await host.mayfly(["host", "status"]).succeeded)
                let hosts = try await lab.mayfly(["hosts"]).stdout
                #expect(hosts.contains(host.name) && hosts.contains("up to date"), "\(hosts)")
                #expect(try await lab.mayfly(["hosts", "--stale", "--json"]).stdout == "[\n\n]\n")

                let left = try await host.mayfly(["host", "leave"])
                #expect(left.succeeded, "\(left.stderr)")
                #expect(try host.snapshot() == before)
                #expect(try await host.logIn(key, other).status == 255)
                try await lab.mayfly(["host", "remove", host.name, "--reason", "decommissioned"])
                #expect(!(try await lab.mayfly(["hosts"]).stdout.contains(host.name)))
            }
        }
    }

    @Test func `a removed host is renewed no more, and says so`() async throws {
        let policy = HostLab.policy.replacing("lifetime: {default: 1d, max: 1d}", with: "lifetime: {default: 10s, max: 10s}")
        try await Lab.open(policy: policy) { lab in
            try await serving(try await HostLab(lab)) { host in
                #expect(try await host.enroll().succeeded)
                try await lab.mayfly(["host", "remove", host.name, "--reason", "gone"])
                let before = try host.snapshot()
                let synced = try await host.mayfly(["host", "sync", "--once"])
                #expect(synced.status == 1)
                #expect(synced.stderr.contains("the certificate that was shown"), "\(synced.stderr)")
                #expect(try host.snapshot()["ssh/mayfly/host-cert.pub"] == before["ssh/mayfly/host-cert.pub"])
            }
        }
    }

    @Test func `a host whose server is down goes on as it is`() async throws {
        try await Lab.open(policy: HostLab.policy) { lab in
            try await serving(try await HostLab(lab)) { host in
                #expect(try await host.enroll().succeeded)
                let key = try await lab.makeKey("key")
                let certificate = try await lab.certify(key, role: "shell")
                #expect(try await host.logIn(key, certificate).succeeded)
                let before = try host.snapshot()
                await lab.ca.stop()
                let synced = try await host.mayfly(["host", "sync", "--once"])
                #expect(synced.status == 1)
                #expect(synced.stderr.contains("does not answer"), "\(synced.stderr)")
                #expect(try host.snapshot() == before)
                #expect(try await host.logIn(key, certificate).succeeded)
            }
        }
    }

    @Test func `a running sync renews the host certificate, and clients go on trusting the host`() async throws {
        // Two thirds of two minutes, of which one was over when it was issued.
        let policy = HostLab.policy.replacing("lifetime: {default: 1d, max: 1d}", with: "lifetime: {default: 1m, max: 1m}")
        try await Lab.open(policy: policy) { lab in
            try await serving(try await HostLab(lab)) { host in
                #expect(try await host.enroll().succeeded)
                let key = try await lab.makeKey("key")
                let certificate = try await lab.certify(key, role: "shell")
                let first = try host.snapshot()["ssh/mayfly/host-cert.pub"]
                let starts = host.log.components(separatedBy: "Server listening").count
                try await host.syncing { sync in
                    try await sync.waitUntilReady { sync.log.contains("has a new host certificate") }
                    #expect(try host.snapshot()["ssh/mayfly/host-cert.pub"] != first)
                    // sshd was told, and reads it. Until it listens again it takes no connection.
                    try await sync.waitUntilReady { host.log.components(separatedBy: "Server listening").count > starts }
                    let login = try await host.logIn(key, certificate)
                    #expect(login.succeeded, "\(login.stderr)\(sync.log)")
                    #expect(!sync.log.contains("error"), "\(sync.log)")
                }
            }
        }
    }

    @Test func `a list that is lost locks everybody out, an empty one lets everybody in, and sync mends both`() async throws {
        try await Lab.open(policy: HostLab.policy) { lab in
            try await serving(try await HostLab(lab)) { host in
                #expect(try await host.enroll().succeeded)
                let key = try await lab.makeKey("key")
                let certificate = try await lab.certify(key, role: "shell"), revoked = try await lab.certify(key, role: "shell")
                let serial = try await lab.serial(of: revoked)
                try await lab.mayfly(["revoke", "--serial", serial, "--kind", "ssh", "--reason", "lost"])
                #expect(try await host.mayfly(["host", "sync", "--once"]).succeeded)
                #expect(try await host.logIn(key, revoked).status == 255)
                for text in [nil, ""] {
                    try FileManager.default.removeItem(atPath: host.revocationList)
                    if let text { try text.write(toFile: host.revocationList, atomically: true, encoding: .utf8) }
                    #expect(try await host.logIn(key, certificate).succeeded == (text != nil))
                    #expect(try await host.logIn(key, revoked).succeeded == (text != nil))
                    let status = try await host.mayfly(["host", "status"])
                    #expect(status.status == 1, "\(status.stdout)")
                    let synced = try await host.mayfly(["host", "sync", "--once"])
                    #expect(synced.succeeded, "\(synced.stderr)")
                    #expect(try await host.logIn(key, certificate).succeeded)
                    #expect(try await host.logIn(key, revoked).status == 255)
                }
            }
        }
    }

    @Test(.enabled(if: (try? Program.path(of: "systemd-analyze")) != nil, "needs systemd-analyze"))
    func `systemd takes the unit`() async throws {
        try await Lab.open(policy: HostLab.policy) { lab in
            try await serving(try await HostLab(lab)) { host in
                #expect(try await host.enroll(["--systemd"]).succeeded)
                let unit = host.root + "/etc/systemd/system/mayfly-host-sync.service"
                let verified = try await run("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", unit])
                #expect(verified.succeeded && !verified.stderr.contains("mayfly-host-sync"), "\(verified.stderr)")
            }
        }
    }

    @Test func `an enrolment that is killed at any time can be undone, and sshd always starts`() async throws {
        try await Lab.open(policy: HostLab.policy) { lab in
            try await serving(try await HostLab(lab)) { host in
                let before = try host.snapshot()
                let token = lab.work.file("token")
                try await lab.mayfly(["token", "create", "--role", "host", "--host", host.name, "--out", token])
                for delay in stride(from: 50, through: 1050, by: 100) {
                    let arguments = [
                        "host", "enroll", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--token", token, "--role", "host",
                        "--host", host.name, "--logins", lab.login, "--root", host.root, "--sshd",
                        try Program.path(of: "sshd"), "--no-reload",
                    ]
                    let process = try await BackgroundProcess(
                        "mayfly", MayflyCA.binary, arguments, environment: ["HOME": lab.ca.home],
                        logPath: lab.work.file("enroll-\(delay).log"))
                    try await Task.sleep(for: .milliseconds(delay))
                    process.send(SIGKILL)
                    _ = try await process.status(within: .seconds(60))
                    let check = try await run("sshd", ["-t", "-f", host.ssh + "/sshd_config"])
                    #expect(check.succeeded, "\(delay): \(check.stderr)")
                    let left = try await host.mayfly(["host", "leave", "--no-reload"])
                    #expect(left.succeeded || left.stderr.contains("not enrolled"), "\(delay): \(left.stderr)")
                    #expect(try host.snapshot() == before, "\(delay)")
                }
                // The same token still lets the same key in.
                let enrolled = try await host.enroll(token: token)
                #expect(enrolled.succeeded, "\(enrolled.stderr)")
            }
        }
    }

    @Test func `a running sync brings a revocation by itself`() async throws {
        try await Lab.open(policy: HostLab.policy) { lab in
            try await serving(try await HostLab(lab)) { host in
                #expect(try await host.enroll().succeeded)
                let key = try await lab.makeKey("key")
                let certificate = try await lab.certify(key, role: "shell")
                try await host.syncing { process in
                    #expect(try await host.logIn(key, certificate).succeeded)
                    let serial = try await lab.serial(of: certificate)
                    try await lab.mayfly(["revoke", "--serial", serial, "--kind", "ssh", "--reason", "laptop lost"])
                    try await process.waitUntilReady {
                        process.log.contains("enforces revocation list")
                    }
                    #expect(try await host.logIn(key, certificate).status == 255)
                }
            }
        }
    }
}
