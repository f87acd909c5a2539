// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Crypto
import Foundation
import NIOHTTP1
import SSHCertificates
import ServiceAPI
import SwiftASN1
import TestSupport
import Testing
import X509

@testable import Client

struct LoginTests {
    private let directory: TemporaryDirectory
    private let home: Home
    private let authority: TestAuthority
    private let fingerprint: String

    init() throws {
        directory = try TemporaryDirectory()
        home = try Home(environment: ["MAYFLY_HOME": directory.file("home")])
        authority = try TestAuthority()
        fingerprint = try #require(ServiceCA(der: try authority.der)).fingerprint
    }

    /// A server that lets in whoever has the key `id`.
    private func server(log: TestLog, endsSessions: Bool = true) async throws -> TestServer {
        if !FileManager.default.fileExists(atPath: directory.file("id")) { try await MayflyCA.makeKey(directory.file("id")) }
        let peer = LoginPeer(
            authority: authority, log: log, fingerprint: fingerprint,
            key: try SSHCredentialFiles.publicKey(inFile: directory.file("id.pub")), endsSessions: endsSessions)
        return try await TestServer(tls: try authority.tls(try authority.leaf())) { call, _ in
            (try? peer.answer(call)) ?? .none
        }
    }

    private func logIn(
        _ server: TestServer, user: String? = "ana", fingerprint: String? = nil, keys: [String] = ["id"],
        confirm: @Sendable (String) -> Bool? = { _ in nil }
    ) async throws -> Login.Outcome {
        let signers = keys.map { LoginSigner.file(directory.file($0)) }
        return try await Login(home: home, address: server.address, user: user, fingerprint: fingerprint, environment: [:])
            .run(.keys(signers), now: Date(), confirm: confirm)
    }

    @Test func `a login remembers the server, the session and the log`() async throws {
        let log = try TestLog(["a", "b"])
        let server = try await server(log: log)
        let outcome = try await logIn(server, fingerprint: fingerprint)
        #expect(outcome.checkpoint.size == 2)
        let state = try home.server()
        #expect(state.address == server.address)
        #expect(
            try state.identity()
                == .init(url: server.address.url, fingerprint: fingerprint, name: "Example", user: "ana"))
        #expect(try state.serviceCA() == authority.pem)
        #expect(try state.session(now: Date()).certificate == outcome.reply.certificate)
        #expect(try CheckpointMemory(state).last()?.size == 2)
        // Known by now: neither fingerprint nor name is needed again.
        _ = try await logIn(server, user: nil)
    }

    @Test func `an unknown server is entered only after its fingerprint was confirmed`() async throws {
        let server = try await server(log: try TestLog([]))
        await #expect(throws: ClientError.fingerprintNeeded(found: fingerprint)) { try await logIn(server) }
        await #expect(throws: ClientError.fingerprintRefused) { try await logIn(server) { _ in false } }
        #expect(server.calls.isEmpty)
        _ = try await logIn(server) { $0 == fingerprint }
    }

    @Test func `a server with another service CA than the known one is refused, unless that one is named`() async throws {
        let server = try await server(log: try TestLog([]))
        let state = home.state(of: server.address)
        let old = "SHA256:" + String(repeating: "A", count: 43)
        try home.create()
        try state.remember(
            .init(url: server.address.url, fingerprint: old, name: "Old", user: "ana"), serviceCA: "old",
            authorities: .sample)
        try CheckpointMemory(state).pin(logKey: try TestLog([], seed: 2).verifier.vkey)
        let expected = ClientError.otherServiceCA(server: server.address.url, expected: old, found: [fingerprint])
        await #expect(throws: expected) { try await logIn(server) { _ in true } }
        #expect(server.calls.isEmpty)
        #expect(try state.identity().fingerprint == old)

        _ = try await logIn(server, fingerprint: fingerprint)
        #expect(try state.identity().fingerprint == fingerprint)
        #expect(try CheckpointMemory(state).verifier() == TestLog([]).verifier)
    }

    @Test func `a server whose log was rewritten gets no session`() async throws {
        let server = try await server(log: try TestLog(["x", "b"]))
        let state = home.state(of: server.address)
        let before = try TestLog(["a"])
        try home.create()
        try state.remember(
            .init(url: server.address.url, fingerprint: fingerprint, name: "Example", user: "ana"),
            serviceCA: try authority.pem, authorities: .sample)
        try CheckpointMemory(state).pin(logKey: try before.verifier.vkey)
        try CheckpointMemory(state).remember(try before.checkpoint())
        let expected = ClientError.audit(.rewritten(size: 1, checkpointPath: state.checkpointPath))
        await #expect(throws: expected) { try await logIn(server) }
        #expect(throws: ClientError.notLoggedIn(server: server.address.url)) { try state.session(now: Date()) }
        #expect(try CheckpointMemory(state).last()?.size == 1)
    }

    @Test func `one key is tried after the other, each with a challenge of its own`() async throws {
        let server = try await server(log: try TestLog([]))
        try await MayflyCA.makeKey(directory.file("other"))
        _ = try await logIn(server, fingerprint: fingerprint, keys: ["other", "id"])
        #expect(server.calls.filter { $0.uri == Paths.loginChallenges }.count == 2)
        let refused = await #expect(throws: ClientError.self) {
            try await logIn(server, fingerprint: fingerprint, keys: ["other"])
        }
        #expect(refused?.description == "not yours; tried `\(directory.file("other"))`")
    }

    @Test func `a login ends the session whose place it takes, or says that it could not`() async throws {
        for endsSessions in [true, false] {
            let server = try await server(log: try TestLog([]), endsSessions: endsSessions)
            func endings() -> Int { server.calls.count { $0.method == .DELETE && $0.uri == Paths.currentSession } }
            #expect(try await logIn(server, fingerprint: fingerprint).leftovers == [])
            #expect(endings() == 0)
            let first = try home.server().session(now: Date())
            let outcome = try await logIn(server)
            #expect(endings() == 1)
            let end = first.expiresAt.formatted(.iso8601)
            #expect(
                outcome.leftovers
                    == (endsSessions ? [] : ["the session before was not ended at the server; it ends by itself at \(end)"]))
            #expect(try home.server().session(now: Date()).certificate == outcome.reply.certificate)
        }
    }

    @Test func `what was fetched for one person is gone when another logs in, and stays when the same does`() async throws {
        let server = try await server(log: try TestLog([]))
        _ = try await logIn(server, fingerprint: fingerprint)
        let state = try home.server()
        let credential = state.sshPath + "/credential"
        func fetch() throws {
            try AtomicFile.createDirectory(state.sshPath)
            try AtomicFile.write("fetched", to: credential)
        }
        try fetch()
        _ = try await logIn(server)
        #expect(AtomicFile.exists(credential))
        _ = try await logIn(server, user: "bo")
        #expect(!AtomicFile.exists(state.sshPath))
        // Nor is it kept where nobody knows any more whose it is.
        for text in [nil, "damaged"] {
            try fetch()
            AtomicFile.remove(state.path + "/session.pem")
            if let text { try AtomicFile.write(text, to: state.path + "/session.pem") }
            _ = try await logIn(server, user: "bo")
            #expect(!AtomicFile.exists(state.sshPath))
        }
    }

    @Test func `without a name there is nobody to log in`() async throws {
        let server = try await server(log: try TestLog([]))
        await #expect(throws: ClientError.userNeeded) { try await logIn(server, user: nil, fingerprint: fingerprint) }
    }
}

/// The server's part of a login.
private struct LoginPeer: Sendable {
    let authority: TestAuthority
    let log: TestLog
    let fingerprint: String
    let key: SSHPublicKey
    var endsSessions = true

    func answer(_ call: TestServer.Call) throws -> TestServer.Answer {
        switch call.uri.split(separator: "?").first.map(String.init) {
        case Paths.authorities:
            var authorities = Authorities.sample
            authorities.log = try log.verifier.vkey
            return try json(authorities)
        case Paths.loginChallenges: return try json(LoginChallenge(challenge: "challenge", expiresAt: Date() + 60))
        case Paths.sessions: return try openSession(try JSONDecoder().decode(SessionRequest.self, from: Data(call.body)))
        case Paths.currentSession where endsSessions: return .json("", status: .noContent)
        case Paths.auditCheckpoint: return try json(AuditCheckpoint(checkpoint: try log.checkpoint()))
        case Paths.auditConsistency:
            return try json(
                AuditConsistency(
                    from: 1, to: UInt64(log.leaves.count), proof: try log.proof(from: 1, to: log.leaves.count)))
        default: return .none
        }
    }

    private func openSession(_ request: SessionRequest) throws -> TestServer.Answer {
        let publicKey = try CertificateSigningRequest(pemEncoded: request.csr).publicKey
        let message = LoginMessage(
            serviceFingerprint: fingerprint, user: request.user, sessionKeyDigest: digest(of: publicKey),
            challenge: request.challenge)
        do {
            _ = try SSHSIG(armored: request.signature).verify(
                message: message.bytes, namespace: LoginMessage.namespace, allowedKeys: [key])
        } catch {
            let problem = Problem(type: .loginFailed, status: 401, title: "login failed", detail: "not yours")
            return .json(String(decoding: try JSONEncoder().encode(problem), as: UTF8.self), status: .unauthorized)
        }
        let subject = try DistinguishedName { CommonName(request.user) }
        let certificate = try authority.certificate(for: publicKey, subject: subject).serializeAsPEM().pemString + "\n"
        return try json(
            SessionReply(
                certificate: certificate, expiresAt: Date() + 3600,
                identity: WhoAmI(provider: "local", user: request.user, login: "ana", groups: [], sessionExpiresAt: nil)))
    }

    private func digest(of key: Certificate.PublicKey) -> String {
        Data(SHA256.hash(data: P256.Signing.PublicKey(key)?.derRepresentation ?? Data())).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private func json(_ document: some Encodable) throws -> TestServer.Answer {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        return .json(String(decoding: try encoder.encode(document), as: UTF8.self))
    }
}
