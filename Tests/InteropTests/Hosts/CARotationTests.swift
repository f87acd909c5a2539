// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// CA keys are replaced under a real sshd and a real ssh, and nobody is locked out.
@Suite(.timeLimit(.minutes(10)))
struct CARotationTests {
    private func rotate(_ lab: Lab, _ purpose: String, _ act: String, _ arguments: [String] = []) async throws -> ProcessResult
    {
        try await lab.ca.mayfly(["ca", "rotate", purpose, act, "--reason", "every year"] + arguments)
    }

    private func sync(_ host: HostLab) async throws -> ProcessResult {
        try await host.mayfly(["host", "sync", "--once"])
    }

    /// `SHA256:…` of the key that signed a certificate, as `ssh-keygen` reads it.
    private func signer(of certificate: String, _ lab: Lab) async throws -> String {
        let listing = try await lab.listing(certificate)
        return try #require(listing.firstMatch(of: /Signing CA: \S+ (SHA256:\S+)/).map { String($0.1) })
    }

    @Test func `sshd lets old and new certificates in while the user CA is rotated, and refuses the old once it is revoked`()
        async throws
    {
        try await Lab.open(policy: HostLab.policy) { lab in
            try await serving(try await HostLab(lab)) { host in
                #expect(try await host.enroll().succeeded)
                let key = try await lab.makeKey("key")
                let old = try await lab.certify(key, role: "shell")
                let oldCA = try await signer(of: old, lab)
                #expect(try await sync(host).succeeded)

                #expect(try await rotate(lab, "ssh-user", "prepare").succeeded)
                let early = try await rotate(lab, "ssh-user", "activate")
                #expect(early.status == 1)
                #expect(early.stderr.contains("1 host has not reported that sshd there trusts `SHA256:"), "\(early.stderr)")
                #expect(early.stderr.contains(host.name) && early.stderr.contains("--force"), "\(early.stderr)")
                let waiting = try await lab.mayfly(["ca", "status"]).stdout
                #expect(waiting.contains("ssh-user (prepared): wait until the hosts that are listed trust it"), "\(waiting)")
                #expect(try await signer(of: lab.certify(key, role: "shell"), lab) == oldCA)

                let synced = try await sync(host)
                #expect(synced.stderr.contains("trusts the new keys of the user CA"), "\(synced.stderr)")
                let activated = try await rotate(lab, "ssh-user", "activate")
                #expect(activated.succeeded, "\(activated.stderr)")
                let new = try await lab.certify(key, role: "shell")
                #expect(try await signer(of: new, lab) != oldCA)
                #expect(try await host.logIn(key, old).succeeded, "\(host.log)")
                #expect(try await host.logIn(key, new).succeeded, "\(host.log)")

                // The list is signed by the new key from now on, and says what is revoked of the old.
                let lost = try await lab.listing(old).firstMatch(of: /Serial: ([0-9]+)/).map { String($0.1) } ?? ""
                #expect(try await sync(host).succeeded)
                let retired = try await rotate(lab, "ssh-user", "retire")
                #expect(retired.status == 1)
                #expect(retired.stderr.contains("the last certificate of `\(oldCA)` ends at"), "\(retired.stderr)")
                #expect(!lost.isEmpty)

                let revoked = try await rotate(lab, "ssh-user", "revoke", ["--key", oldCA])
                #expect(revoked.succeeded, "\(revoked.stderr)")
                #expect(try await sync(host).succeeded)
                #expect(try await run("ssh-keygen", ["-Q", "-f", host.revocationList, old]).status == 1)
                #expect(try await run("ssh-keygen", ["-Q", "-f", host.revocationList, new]).status == 0)
                #expect(try await host.logIn(key, old).status == 255)
                #expect(host.log.contains("revoked by file \(host.revocationList)"), "\(host.log)")
                #expect(try await host.logIn(key, new).succeeded, "\(host.log)")

                // The session went on all the while, and the log tells it.
                let log = try await lab.mayfly(["audit", "tail"]).stdout
                #expect(log.contains("revoked ssh-user \(oldCA): every year"), "\(log)")

                // The keys are where the next start finds them.
                await lab.ca.stop()
                let again = try await BackgroundProcess(
                    "mayfly", MayflyCA.binary, ["serve", "--dir", lab.ca.caDirectory], environment: ["HOME": lab.ca.home],
                    logPath: lab.work.file("serve.log"))
                try await again.waitUntilReady { again.log.contains("mayfly: serving") }
                await again.stop()
                let published = try String(contentsOfFile: lab.ca.caDirectory + "/public/ssh_user_ca.pub", encoding: .utf8)
                let fingerprint = try await run("ssh-keygen", ["-l", "-f", "-"], input: published).checked().stdout
                #expect(try await fingerprint.contains(signer(of: new, lab)))
                #expect(published.split(separator: "\n").count == 1)
            }
        }
    }

    @Test func `ssh believes host certificates of the old and the new host CA, and hosts move to the new one by themselves`()
        async throws
    {
        try await Lab.open(policy: HostLab.policy) { lab in
            try await serving(try await HostLab(lab)) { host in
                #expect(try await host.enroll().succeeded)
                let key = try await lab.makeKey("key")
                let certificate = try await lab.certify(key, role: "shell")
                let installed = host.ssh + "/mayfly/host-cert.pub"
                let oldCA = try await signer(of: installed, lab)
                let before = try await lab.exported("known-hosts")
                #expect(try await host.logIn(key, certificate, knownHosts: before + "\n").succeeded, "\(host.log)")

                #expect(try await rotate(lab, "ssh-host", "prepare").succeeded)
                let both = try await lab.exported("known-hosts")
                #expect(both.split(separator: "\n").count == 2)
                #expect(both.split(separator: "\n").allSatisfy { $0.hasPrefix("@cert-authority * ssh-ed25519 ") })
                #expect(try await rotate(lab, "ssh-host", "activate").succeeded)
                #expect(try await host.logIn(key, certificate, knownHosts: both + "\n").succeeded, "\(host.log)")
                let early = try await rotate(lab, "ssh-host", "revoke", ["--key", oldCA])
                #expect(early.status == 1)
                #expect(early.stderr.contains("1 host has a certificate of `\(oldCA)` installed"), "\(early.stderr)")

                // Not at two thirds of its life: at once.
                let synced = try await sync(host)
                #expect(synced.stderr.contains("has a new host certificate"), "\(synced.stderr)")
                #expect(try await signer(of: installed, lab) != oldCA)
                #expect(try await host.logIn(key, certificate, knownHosts: both + "\n").succeeded, "\(host.log)")
                #expect(
                    try await host.logIn(key, certificate, knownHosts: before + "\n").stderr
                        .contains("Host key verification failed"))

                #expect(try await sync(host).succeeded)
                let revoked = try await rotate(lab, "ssh-host", "revoke", ["--key", oldCA])
                #expect(revoked.succeeded, "\(revoked.stderr)")
                let after = try await lab.exported("known-hosts")
                #expect(after.split(separator: "\n").count == 1)
                #expect(try await host.logIn(key, certificate, knownHosts: after + "\n").succeeded, "\(host.log)")
                #expect(try await sync(host).succeeded)
            }
        }
    }
}
