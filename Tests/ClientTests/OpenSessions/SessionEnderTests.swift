// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SSHCertificates
import TestSupport
import Testing

@testable import Client

/// Signals reach the processes that were found, and nobody else's.
struct SessionEnderTests {
    private struct All: SSHRevocations {
        func isRevoked(_ certificate: AuthenticatedCertificate) -> Bool { true }
    }

    private static let table = ProcessTable()

    private func session(_ process: Client.ProcessIdentity, commands: [Client.ProcessIdentity] = []) throws -> OpenSession {
        let key = OpenSSHPrivateKey(generating: .ed25519).publicKey
        return OpenSession(
            connection: SSHDConnection(
                monitor: process, process: process, user: geteuid(), login: "ana", requestedLogin: "ana", terminals: [],
                commands: commands, peer: nil),
            since: Date(),
            certificates: [AuthenticatedCertificate(authority: key, serial: 7, keyID: "x", keyFingerprint: key.fingerprint)],
            evidence: .log, doubt: nil)
    }

    private func process(_ script: String) async throws -> (process: BackgroundProcess, identity: Client.ProcessIdentity) {
        let folder = try TemporaryDirectory()
        let process = try await BackgroundProcess(
            "fake", "bash", ["-c", "\(script); echo ready; while :; do sleep 0.05; done"], logPath: folder.file("log"))
        try await process.waitUntilReady { process.log.contains("ready") }
        let found = try #require(Self.table.process(process.processID))
        return (process, found.identity)
    }

    private func fate(_ session: OpenSession, grace: Duration) async -> SessionOutcome.Fate? {
        await SessionEnder(grace: grace, table: Self.table).pass(
            over: [session], revocations: All(), endsExpired: false, now: Date()
        ).first?.fate
    }

    @Test func `what ends when asked is not killed`() async throws {
        let (process, identity) = try await process("trap 'exit 9' TERM")
        #expect(await fate(try session(identity), grace: .seconds(20)) == .ended(.revoked(serial: 7), forced: false))
        #expect(try await process.status(within: .seconds(60)) == 9)
    }

    @Test func `what does not end is killed, its commands too`() async throws {
        let (stubborn, identity) = try await process("trap '' TERM")
        let (command, other) = try await process("trap '' HUP TERM")
        let session = try session(identity, commands: [other])
        #expect(await fate(session, grace: .milliseconds(200)) == .ended(.revoked(serial: 7), forced: true))
        #expect(try await stubborn.status(within: .seconds(60)) == 128 + SIGKILL)
        #expect(try await command.status(within: .seconds(60)) == 128 + SIGKILL)
    }

    @Test func `a number that is another's by now gets no signal`() async throws {
        let (bystander, identity) = try await process("trap 'exit 9' TERM HUP")
        let gone = Client.ProcessIdentity(number: identity.number, start: identity.start - 1)
        let session = try session(gone, commands: [gone])
        #expect(await fate(session, grace: .seconds(1)) == .ended(.revoked(serial: 7), forced: false))
        #expect(bystander.isRunning)
        await bystander.stop()
    }

    @Test func `of a certificate that only the log names nobody knows the end`() async throws {
        let (process, identity) = try await process(":")
        struct None: SSHRevocations {
            func isRevoked(_ certificate: AuthenticatedCertificate) -> Bool { false }
        }
        let outcomes = await SessionEnder(grace: .zero, table: Self.table).pass(
            over: [try session(identity)], revocations: None(), endsExpired: true, now: Date())
        #expect(outcomes.first?.fate == .stays(.unknown))
        #expect(outcomes.nextPass(after: Date()) == nil)
        #expect(process.isRunning)
        await process.stop()
    }

    @Test func `a list is read as OpenSSH reads it`() async throws {
        let folder = try TemporaryDirectory()
        try await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder.file("ca")]).checked()
        try await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder.file("key")]).checked()
        let authority = try SSHPublicKey(authorizedKey: folder.text(of: "ca.pub"))
        let key = try SSHPublicKey(authorizedKey: folder.text(of: "key.pub"))
        let list = try folder.write("serial: 5-9\nserial: 42\nid: ana/shell rule\n", to: "list")
        try await run("ssh-keygen", ["-q", "-k", "-f", folder.file("krl"), "-s", folder.file("ca.pub"), list]).checked()
        try await run("ssh-keygen", ["-q", "-k", "-u", "-f", folder.file("krl"), folder.file("key.pub")]).checked()
        let revocations = try KeyRevocationList(sshdFile: folder.file("krl"))
        func isRevoked(_ serial: UInt64, keyID: String = "x", by ca: SSHPublicKey? = nil, key: String = "SHA256:x") -> Bool {
            revocations.isRevoked(
                AuthenticatedCertificate(authority: ca ?? authority, serial: serial, keyID: keyID, keyFingerprint: key))
        }
        #expect([4, 5, 9, 10, 42].map { isRevoked($0) } == [false, true, true, false, true])
        #expect(isRevoked(5, by: key), "a CA key that is revoked takes what it signed with it, as in sshd")
        #expect(!isRevoked(5, by: OpenSSHPrivateKey(generating: .ed25519).publicKey))
        #expect(Set(revocations.namedKeys) == [authority, key])
        #expect(isRevoked(1, keyID: "ana/shell rule"))
        #expect(isRevoked(1, by: key, key: key.fingerprint))
        for text in ["", "serial: 5\n"] {
            let path = try folder.write(text, to: "broken")
            #expect(throws: ClientError.self) { try KeyRevocationList(sshdFile: path) }
        }
    }
}
