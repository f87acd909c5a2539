// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOHTTP1
import SSHCertificates
import ServiceAPI
import Synchronization
import TestSupport
import Testing

@testable import Client

/// A host takes what is newer and signed, whole; everything else changes nothing.
@Suite(.timeLimit(.minutes(15)))
struct HostSyncTests {
    /// A server whose answers a test sets, and a host that is enrolled with it.
    private struct Lab {
        let root: TestHostRoot
        let server: TestServer
        let answers: Answers
        let authority: TestAuthority

        final class Answers: Sendable {
            private let all = Mutex<[String: TestServer.Answer]>([:])

            subscript(path: String) -> TestServer.Answer? {
                get { all.withLock { $0[path] } }
                set { all.withLock { $0[path] = newValue } }
            }
        }

        init(certificate: String? = nil, version: UInt64 = 7) async throws {
            root = try await TestHostRoot()
            let answers = Answers()
            self.answers = answers
            authority = try TestAuthority()
            server = try await TestServer(tls: authority.tls(authority.leaf())) { call, _ in
                let path = String(call.uri.prefix { $0 != "?" })
                return answers[path] ?? .json(#"{"title":"none"}"#, status: .notFound)
            }
            var contents = try await root.contents(version: version)
            if let certificate {
                contents.removeAll { [paths = root.paths] in $0.path == paths.hostCertificate }
                contents.append(.init(path: root.paths.hostCertificate, contents: Array(certificate.utf8)))
            }
            try await root.installation().install(contents)
            try setAuthorities()
            answers["/v1/ssh/revocations"] = .json("", status: .noContent)
            answers["/v1/hosts/reports"] = .json("", status: .noContent)
        }

        func setAuthorities(users: [String] = ["user_ca"]) throws {
            let lines = try users.map { try root.text(of: $0 + ".pub") }.joined()
            answers["/v1/ca"] = try json(
                Authorities(
                    name: "Test", sshUserCA: lines, sshHostCA: try root.text(of: "host_ca.pub"), root: "", issuing: "",
                    service: "", log: ""))
        }

        func json(_ document: some Encodable) throws -> TestServer.Answer {
            let encoder = JSONEncoder()
            encoder.dateEncodingStrategy = .iso8601
            return .json(String(decoding: try encoder.encode(document), as: UTF8.self))
        }

        func setList(version: UInt64) async throws {
            answers["/v1/ssh/revocations"] = try json(
                try await root.document(version: version, try await root.revocationList(version: version)))
        }

        func synced(_ files: DurableFiles = DurableFiles(), at time: Date = Date()) async throws -> SyncRound<HostSync.Change> {
            try await APIClient.connected(to: server.address, serviceCA: try authority.pem, session: nil) { client in
                let sync = try HostSync(
                    paths: root.paths, files: files, state: try HostState(root.paths), client: client, now: { time })
                return try await sync.round(wait: 0)
            }
        }

        func uris(of path: String) -> [String] { server.calls.map(\.uri).filter { $0.hasPrefix(path) } }
    }

    @Test func `a newer list is installed, and asked for by the version that is here`() async throws {
        let lab = try await Lab()
        #expect(try await lab.synced().changes.isEmpty)
        #expect(lab.uris(of: "/v1/ssh/revocations") == ["/v1/ssh/revocations?after=7"])
        try await lab.setList(version: 9)
        let round = try await lab.synced()
        #expect(round.changes == [.revocationList(version: 9)])
        #expect(round.problems.isEmpty)
        #expect(try AtomicFile.read(lab.root.paths.revocationList) == (try await lab.root.revocationList(version: 9)))
        #expect(try mode(of: lab.root.paths.revocationList) == 0o644)
    }

    struct Lie: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: @Sendable (TestHostRoot) async throws -> TestServer.Answer
    }

    private static func sent(_ document: RevokedKeysDocument) throws -> TestServer.Answer {
        .json(String(decoding: try JSONEncoder().encode(document), as: UTF8.self))
    }

    static let lies = [
        Lie(testDescription: "signed by a stranger") {
            try sent(try await $0.document(version: 9, try await $0.revocationList(version: 9), signer: "stranger"))
        },
        Lie(testDescription: "signed by the host CA") {
            try sent(try await $0.document(version: 9, try await $0.revocationList(version: 9), signer: "host_ca"))
        },
        Lie(testDescription: "signed for another purpose") {
            try sent(try await $0.document(version: 9, try await $0.revocationList(version: 9), namespace: "file"))
        },
        Lie(testDescription: "with the signature of another list") { root in
            var document = try await root.document(version: 9, try await root.revocationList(version: 9))
            document.signature = try await root.document(version: 8, try await root.revocationList(version: 8)).signature
            return try sent(document)
        },
        Lie(testDescription: "with one byte changed") { root in
            let bytes = try await root.revocationList(version: 9)
            var document = try await root.document(version: 9, bytes)
            document.krl = Data(bytes.dropLast() + [bytes.last.map { $0 ^ 1 } ?? 0]).base64EncodedString()
            return try sent(document)
        },
        Lie(testDescription: "older") {
            try sent(try await $0.document(version: 6, try await $0.revocationList(version: 6)))
        },
        Lie(testDescription: "of another version than it says") {
            try sent(try await $0.document(version: 9, try await $0.revocationList(version: 6)))
        },
        Lie(testDescription: "empty") { try sent(try await $0.document(version: 9, [])) },
        Lie(testDescription: "a head alone") {
            try sent(try await $0.document(version: 9, Array(try await $0.revocationList(version: 9).prefix(20))))
        },
        Lie(testDescription: "cut off") {
            try sent(try await $0.document(version: 9, try await $0.revocationList(version: 9).dropLast(5)))
        },
        Lie(testDescription: "garbage after a good head") {
            let head = try await $0.revocationList(version: 9).prefix(44)
            return try sent(try await $0.document(version: 9, Array(head) + [UInt8](repeating: 0x41, count: 100)))
        },
        Lie(testDescription: "a list of keys that sshd would take") { root in
            try sent(try await root.document(version: 9, Array(try root.text(of: "stranger.pub").utf8)))
        },
        Lie(testDescription: "not base64") { root in
            var document = try await root.document(version: 9, try await root.revocationList(version: 9))
            document.krl = "!" + document.krl
            return try sent(document)
        },
        Lie(testDescription: "not signed") { root in
            var document = try await root.document(version: 9, try await root.revocationList(version: 9))
            document.signature = ""
            return try sent(document)
        },
        Lie(testDescription: "huge") { _ in .bytes(17 << 20) },
        Lie(testDescription: "another document") { _ in .json(#"{"status":"ok"}"#) },
        Lie(testDescription: "not JSON") { _ in .json("SSHKRL") },
        Lie(testDescription: "an error") { _ in .json("{}", status: .internalServerError) },
        Lie(testDescription: "a way elsewhere") { _ in .redirect(to: "https://example.com/") },
        Lie(testDescription: "no answer") { _ in .none },
    ]

    @Test(arguments: lies)
    func `a server that lies changes nothing, and is found out`(_ lie: Lie) async throws {
        let lab = try await Lab()
        let before = try lab.root.snapshot()
        lab.answers["/v1/ssh/revocations"] = try await lie.answer(lab.root)
        let round = try await lab.synced()
        #expect(round.changes.isEmpty)
        #expect(round.problems.count == 1)
        #expect(try lab.root.snapshot() == before)
    }

    @Test func `a crash at any step leaves one whole list or the other, and the next round goes on`() async throws {
        let lab = try await Lab()
        var version: UInt64 = 7
        var step = 0
        var isDone = false
        while !isDone {
            try await lab.setList(version: version + 1)
            let old = try await lab.root.revocationList(version: version)
            let new = try await lab.root.revocationList(version: version + 1)
            do {
                _ = try await lab.synced(Power(changes: step).files)
                isDone = true
            } catch is Power.Gone {
                #expect([old, new].contains(try AtomicFile.read(lab.root.paths.revocationList)), "step \(step)")
                #expect(try await lab.root.sshd.accepts())
                #expect(try await lab.synced().problems.isEmpty, "step \(step)")
            }
            #expect(try AtomicFile.read(lab.root.paths.revocationList) == new, "step \(step)")
            version += 1
            step += 1
        }
        #expect(step > 3)
        #expect(!AtomicFile.exists(DurableFiles.staged(lab.root.paths.revocationList)))
    }

    @Test func `whoever reads the list while it is replaced finds a whole one`() async throws {
        let lab = try await Lab()
        let path = lab.root.paths.revocationList
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                var reads = 0
                while !Task.isCancelled {
                    let bytes = try AtomicFile.read(path)
                    _ = try KeyRevocationList(parsing: bytes)
                    reads += 1
                    if reads % 100 == 0 { await Task.yield() }
                }
                return reads
            }
            for version in 8...30 {
                try await lab.setList(version: UInt64(version))
                #expect(try await lab.synced().changes == [.revocationList(version: UInt64(version))])
            }
            group.cancelAll()
            #expect(try await group.next() ?? 0 > 100)
        }
    }

    @Test func `a wait for a list ends when the certificate is due`() async throws {
        let lab = try await Lab()
        try await APIClient.connected(to: lab.server.address, serviceCA: try lab.authority.pem, session: nil) { client in
            let certificate = try SSHCertificate(authorizedKey: AtomicFile.readText(lab.root.paths.hostCertificate))
            let time = certificate.renewalTime.addingTimeInterval(-6.5)
            let sync = try HostSync(
                paths: lab.root.paths, files: DurableFiles(), state: try HostState(lab.root.paths), client: client,
                now: { time })
            _ = try await sync.round(wait: 25)
        }
        #expect(lab.uris(of: "/v1/ssh/revocations") == ["/v1/ssh/revocations?after=7&wait=7"])
    }

    @Test(arguments: [nil, "", "garbage"])
    func `a list that was lost on the host is fetched at once`(_ found: String?) async throws {
        let lab = try await Lab()
        if let found {
            try AtomicFile.write(found, to: lab.root.paths.revocationList, for: .everyone)
        } else {
            AtomicFile.remove(lab.root.paths.revocationList)
        }
        try await lab.setList(version: 7)
        #expect(try await lab.synced().changes == [.revocationList(version: 7)])
        #expect(lab.uris(of: "/v1/ssh/revocations") == ["/v1/ssh/revocations"])
    }

    @Test func `the keys of a rotation are taken over, those of another authority are not`() async throws {
        let lab = try await Lab()
        try lab.setAuthorities(users: ["user_ca", "next_user_ca"])
        #expect(try await lab.synced().changes == [.userCAs])
        try lab.setAuthorities(users: ["next_user_ca"])
        #expect(try await lab.synced().changes == [.userCAs])
        let before = try lab.root.snapshot()
        try lab.setAuthorities(users: ["stranger"])
        #expect(try await lab.synced().problems.count == 1)
        try lab.setAuthorities(users: [])
        #expect(try await lab.synced().problems.count == 1)
        #expect(try lab.root.snapshot() == before)
    }

    @Test func `a certificate is renewed at about two thirds of its life`() async throws {
        let root = try await TestHostRoot()
        for serial in 1...20 {
            let certificate = try SSHCertificate(
                authorizedKey: try await root.certificate(minutes: 600, serial: serial, since: 300))
            let validity = certificate.contents.validity
            let age = certificate.renewalTime.timeIntervalSince1970 - Double(validity.validAfter)
            let share = age / Double(validity.validBefore - validity.validAfter)
            #expect((0.616...0.717).contains(share))
        }
    }

    @Test func `a renewed certificate is installed, and asked for with a proof`() async throws {
        let lab = try await Lab()
        let old = try await lab.root.certificate(minutes: 10, since: 60)
        try AtomicFile.write(old, to: lab.root.paths.hostCertificate, for: .everyone)
        let new = try await lab.root.certificate(minutes: 60, serial: 2)
        lab.answers["/v1/hosts/renewal"] = try lab.json(Self.reply(new))
        let round = try await lab.synced()
        #expect(round.problems.isEmpty, "\(round.problems)")
        #expect(round.changes.count == 1)
        let installed = try SSHCertificate(authorizedKey: AtomicFile.readText(lab.root.paths.hostCertificate))
        #expect(installed.contents.serial == 2)
        let body = try #require(lab.server.calls.first { $0.uri == "/v1/hosts/renewal" }?.body)
        let request = try JSONDecoder().decode(HostRenewalRequest.self, from: Data(body))
        #expect(request.certificate == (try SSHCertificate(authorizedKey: old).authorizedKey()))
        #expect(try await lab.synced().changes.isEmpty)
    }

    struct Unfit: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let certificate: @Sendable (TestHostRoot) async throws -> String
    }

    static let unfit = [
        Unfit(testDescription: "by another CA") { try await $0.certificate(signer: "stranger") },
        Unfit(testDescription: "by the user CA") { try await $0.certificate(signer: "user_ca") },
        Unfit(testDescription: "for another name") { try await $0.certificate(name: "web2.example.com") },
        Unfit(testDescription: "for more names") { try await $0.certificate(name: "web1.example.com,web2.example.com") },
        Unfit(testDescription: "for another key") { try await $0.certificate(key: "stranger") },
        Unfit(testDescription: "for a user") { try await $0.certificate(kind: []) },
        Unfit(testDescription: "that ends sooner") { try await $0.certificate(minutes: 5) },
        Unfit(testDescription: "that is no certificate") { try $0.text(of: "stranger.pub") },
    ]

    @Test(arguments: unfit)
    func `a certificate that does not fit is not installed`(_ unfit: Unfit) async throws {
        let lab = try await Lab()
        try AtomicFile.write(
            try await lab.root.certificate(minutes: 10, since: 60), to: lab.root.paths.hostCertificate, for: .everyone)
        let before = try lab.root.snapshot()
        lab.answers["/v1/hosts/renewal"] = try lab.json(Self.reply(try await unfit.certificate(lab.root)))
        let round = try await lab.synced()
        #expect(round.problems.count == 1)
        #expect(round.changes.isEmpty)
        #expect(try lab.root.snapshot() == before)
    }

    @Test func `what one thing lacks does not keep the others from being done`() async throws {
        let lab = try await Lab()
        lab.answers["/v1/ca"] = TestServer.Answer.none
        try await lab.setList(version: 8)
        let round = try await lab.synced()
        #expect(round.changes == [.revocationList(version: 8)])
        #expect(round.problems.count == 1)
    }

    @Test func `a host that left is not written to any more`() async throws {
        let lab = try await Lab()
        let state = try HostState(lab.root.paths)
        try await lab.setList(version: 8)
        try await APIClient.connected(to: lab.server.address, serviceCA: try lab.authority.pem, session: nil) { client in
            let sync = try HostSync(
                paths: lab.root.paths, files: DurableFiles(), state: state, client: client, now: { Date() })
            _ = try await lab.root.installation().leave(reload: false)
            let before = try lab.root.snapshot()
            #expect(try await sync.round(wait: 0).changes.isEmpty)
            #expect(try lab.root.snapshot() == before)
        }
    }

    @Test func `a report says what is in force`() async throws {
        let lab = try await Lab()
        try await APIClient.connected(to: lab.server.address, serviceCA: try lab.authority.pem, session: nil) { client in
            let sync = try HostSync(
                paths: lab.root.paths, files: DurableFiles(), state: try HostState(lab.root.paths), client: client,
                now: { Date() })
            try await sync.report(problem: "the server is down")
        }
        let body = try #require(lab.server.calls.last?.body)
        let request = try JSONDecoder().decode(HostReportRequest.self, from: Data(body))
        let report = try JSONDecoder().decode(HostReportDocument.self, from: Data(request.report.utf8))
        #expect(report.revocationListVersion == 7)
        #expect(report.zones == ["web"])
        #expect(report.problem == "the server is down")
        #expect(report.userCAKeys == [try SSHPublicKey(authorizedKey: lab.root.text(of: "user_ca.pub")).fingerprint])
        let key = try SSHPublicKey(authorizedKey: AtomicFile.readText(lab.root.paths.defaultHostKey + ".pub"))
        let message = HostMessage(
            serviceFingerprint: "SHA256:x",
            act: .report(
                certificate: HostKey.digest(try SSHCertificate(authorizedKey: request.certificate).blob),
                contents: HostKey.digest(Array(request.report.utf8))),
            time: request.proof.time, nonce: request.proof.nonce)
        _ = try SSHSIG(armored: request.proof.signature).verify(
            message: message.bytes, namespace: HostMessage.namespace, allowedKeys: [key])
    }

    private static func reply(_ line: String) -> HostCertificateReply {
        HostCertificateReply(
            issued: IssuedCertificate(
                kind: .sshHost, serial: "2", certificate: line, chain: nil, role: "web-host", rule: "r", validAfter: Date(),
                validBefore: Date(), narrowed: []), zones: ["web"])
    }
}
