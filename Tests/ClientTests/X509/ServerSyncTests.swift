// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import NIOHTTP1
import ServiceAPI
import SwiftASN1
import Synchronization
import TestSupport
import Testing
import X509

@testable import Client

/// A TLS server's files are replaced whole, always fit each other, and the command runs after each change until it succeeds.
@Suite(.timeLimit(.minutes(15)))
struct ServerSyncTests {
    private struct Lab {
        let directory: TemporaryDirectory
        let authority: TestAuthority
        let workloads: TestWorkloads
        let server: TestServer
        let state: ServerState
        let answers: Answers

        struct Answers: Sendable {
            var issue: @Sendable (String) throws -> String
            var chain: String
            var lists: (issuing: String, root: String)?
            var issuingCAs: String
            var denial: Problem?

            init(_ workloads: TestWorkloads) {
                issue = { try workloads.certificate($0) }
                chain = workloads.issuing.pem
                issuingCAs = workloads.issuing.pem
            }
        }

        final class Box: Sendable {
            let value: Mutex<Answers>
            init(_ answers: Answers) { value = Mutex(answers) }
        }
        private let box: Box

        init() async throws {
            directory = try TemporaryDirectory()
            authority = try TestAuthority()
            let workloads = try TestWorkloads()
            self.workloads = workloads
            answers = Answers(workloads)
            let box = Box(answers)
            self.box = box
            server = try await TestServer(tls: authority.tls(authority.leaf())) { call, _ in
                (try? Self.answer(call, box.value.withLock { $0 })) ?? .json("{}", status: .internalServerError)
            }
            let home = try Home(environment: ["MAYFLY_HOME": directory.file("home")])
            try home.create()
            state = home.state(of: server.address)
            try state.remember(
                .init(url: server.address.url, fingerprint: "SHA256:x", name: "Test", user: nil), serviceCA: try authority.pem,
                authorities: Self.authorities(root: workloads.root.pem, issuing: ""))
            try logIn()
            try directory.makeDirectory("tls")
        }

        func set(_ change: (inout Answers) -> Void) { box.value.withLock { change(&$0) } }

        func logIn(until: Date = Date() + 3600) throws {
            let key = SessionKey()
            let certificate = try authority.certificate(
                for: .init(P256.Signing.PrivateKey(pemRepresentation: key.pem).publicKey), until: until)
            try state.remember(Session(key: key, certificate: try certificate.serializeAsPEM().pemString + "\n"))
        }

        private static func authorities(root: String, issuing: String) -> Authorities {
            Authorities(
                name: "Test", sshUserCA: "u", sshHostCA: "h", root: root, issuing: issuing, service: "", log: "")
        }

        private static func answer(_ call: TestServer.Call, _ answers: Answers) throws -> TestServer.Answer {
            switch String(call.uri.prefix { $0 != "?" }) {
            case "/v1/certificates/x509":
                if let denial = answers.denial { return try json(denial, status: .forbidden) }
                let asked = try JSONDecoder().decode(X509CertificateRequest.self, from: Data(call.body))
                return try json(
                    IssuedCertificate(
                        kind: .x509, serial: "1", certificate: try answers.issue(asked.csr), chain: answers.chain, role: "r",
                        rule: "u", validAfter: Date(), validBefore: Date(), narrowed: []))
            case "/v1/x509/revocations":
                guard let (issuing, root) = answers.lists else { return .none }
                return try json(
                    RevocationListsDocument(version: "1", issuing: issuing, root: root, nextUpdate: Date()))
            case "/v1/ca": return try json(authorities(root: "of a liar", issuing: answers.issuingCAs))
            default: return .json("{}", status: .notFound)
            }
        }

        private static func json(
            _ document: some Encodable, status: HTTPResponseStatus = .ok
        ) throws -> TestServer.Answer {
            let encoder = JSONEncoder()
            encoder.dateEncodingStrategy = .iso8601
            return .json(String(decoding: try encoder.encode(document), as: UTF8.self), status: status)
        }

        var folder: CredentialFolder { CredentialFolder(directory.file("tls"), isCombined: true) }
        var listPath: String { directory.file("crl.pem") }
        /// A line for each time that the server was reloaded.
        var reloads: Int { ((try? directory.text(of: "reloads")) ?? "").split(separator: "\n").count }
        var snapshot: [String: String] {
            get throws {
                var found: [String: String] = [:]
                for path in folder.paths + [folder.keyPath, listPath] { found[path] = try? AtomicFile.readText(path) }
                return found
            }
        }

        func synced(
            _ files: DurableFiles = DurableFiles(), at time: Date = Date(), lists: Bool = false, command: String? = nil,
            logIn: (@Sendable () async throws -> Void)? = nil
        ) async throws -> SyncRound<ServerSync.Change> {
            let file = lists ? RevocationListFile(path: listPath, roots: workloads.root.pem) : nil
            return try await ServerSync(
                renewal: CredentialRenewal(
                    folder, names: [.dns("web1.example.com")], asking: X509CertificateRequest(role: "r", csr: ""),
                    root: workloads.root.pem),
                lists: file,
                reload: ServerReload(
                    command ?? "echo x >>'\(directory.file("reloads"))'",
                    watching: folder.paths + (lists ? [listPath] : []), record: folder.reloadRecord),
                files: files, session: UnattendedSession(state, now: { time }, logIn: logIn), now: { time }
            ).round(wait: 0)
        }

        /// Every combination that a server may read fits.
        func expectConsistency(_ note: Comment, at place: SourceLocation = #_sourceLocation) throws {
            guard let leaf = folder.chain().first else { return }
            if AtomicFile.exists(folder.keyPath) {
                #expect(try folder.key().publicKey == leaf.publicKey, note, sourceLocation: place)
                #expect(try mode(of: folder.keyPath) == 0o600, note, sourceLocation: place)
            }
            if AtomicFile.exists(folder.certificatePath) {
                let alone = try Certificate(pemEncoded: AtomicFile.readText(folder.certificatePath))
                #expect(alone.publicKey == leaf.publicKey, note, sourceLocation: place)
            }
            if AtomicFile.exists(folder.combinedPath) {
                let text = try AtomicFile.readText(folder.combinedPath, isSecret: true)
                let documents = try PEMDocument.parseMultiple(pemString: text)
                let key = try Certificate.PrivateKey(pemDocument: documents[0])
                #expect(try Certificate(pemDocument: documents[1]).publicKey == key.publicKey, note, sourceLocation: place)
            }
        }
    }

    @Test func `a server gets a key and a certificate, and is reloaded once`() async throws {
        let lab = try await Lab()
        let first = try await lab.synced()
        #expect(first.problems.isEmpty, "\(first.problems)")
        #expect(first.changes.count == 2 && first.changes.last == .reloaded)
        try lab.expectConsistency("first")
        #expect(Set(try lab.snapshot.keys) == Set(lab.folder.paths + [lab.folder.keyPath]))
        #expect(try await lab.synced().changes.isEmpty)
        #expect(lab.reloads == 1)
        let chain = try lab.directory.write(try AtomicFile.readText(lab.folder.chainPath), to: "chain.pem")
        let root = try lab.directory.write(lab.workloads.root.pem, to: "root.pem")
        try await run("openssl", ["verify", "-CAfile", root, "-untrusted", chain, chain]).checked()
    }

    @Test func `it is renewed at about two thirds of its life, with the same key`() async throws {
        let lab = try await Lab()
        _ = try await lab.synced()
        let before = try lab.snapshot
        // 3660 seconds from a minute ago.
        #expect(try await lab.synced(at: Date() + 0.6 * 3660 - 60).changes.isEmpty)
        lab.set { $0.issue = { [workloads = lab.workloads] in try workloads.certificate($0, until: 7200) } }
        let round = try await lab.synced(at: Date() + 0.73 * 3660 - 60)
        #expect(round.changes.count == 2 && round.problems.isEmpty, "\(round)")
        let after = try lab.snapshot
        #expect(after[lab.folder.keyPath] == before[lab.folder.keyPath])
        #expect(after[lab.folder.chainPath] != before[lab.folder.chainPath])
        #expect(lab.reloads == 2)
    }

    @Test func `a crash at any step leaves files that fit, and the next round goes on`() async throws {
        let lab = try await Lab()
        let now = Date() + 0.8 * 3660
        var step = 0
        var isDone = false
        while !isDone {
            // Each time something is due: first all of it, then a renewal and new lists.
            let number = UInt64(step + 1)
            let lists = (
                try lab.workloads.issuing.list(number, nextUpdate: 86_400), try lab.workloads.root.list(1, nextUpdate: 86_400)
            )
            lab.set {
                $0.lists = lists
                $0.issue = { [workloads = lab.workloads] in try workloads.certificate($0, until: 3600) }
            }
            let reloads = lab.reloads
            do {
                _ = try await lab.synced(Power(changes: step).files, at: now, lists: true)
                isDone = true
            } catch is Power.Gone {
                try lab.expectConsistency("step \(step)")
            }
            lab.set { $0.issue = { [workloads = lab.workloads] in try workloads.certificate($0, until: 86_400 * 9) } }
            let round = try await lab.synced(at: now, lists: true)
            #expect(round.problems.isEmpty, "step \(step): \(round.problems)")
            try lab.expectConsistency("step \(step)")
            #expect(try AtomicFile.readText(lab.listPath) == lists.0 + lists.1, "step \(step)")
            #expect(lab.reloads > reloads, "step \(step)")
            #expect(try await lab.synced(at: now, lists: true).changes.isEmpty, "step \(step)")
            // The next step begins with what has to be renewed, or with nothing at all.
            if step % 2 == 0 {
                for path in lab.folder.paths + [lab.folder.keyPath] { AtomicFile.remove(path) }
            } else {
                AtomicFile.remove(lab.folder.chainPath)
            }
            step += 1
        }
        #expect(step > 15)
        for path in lab.folder.paths + [lab.listPath] { #expect(!AtomicFile.exists(DurableFiles.staged(path))) }
    }

    @Test func `a command that fails is said so and run again, until it succeeds`() async throws {
        let lab = try await Lab()
        let command =
            "test -e '\(lab.directory.file("ready"))' && echo x >>'\(lab.directory.file("reloads"))' || { echo no; exit 3; }"
        for _ in 0..<2 {
            let round = try await lab.synced(command: command)
            #expect(
                round.problems == [.serverFiles(.reload(command: command, status: 3, output: "no"))], "\(round.problems)")
        }
        try lab.directory.write("", to: "ready")
        #expect(try await lab.synced(command: command).changes == [.reloaded])
        #expect(try await lab.synced(command: command).changes.isEmpty)
        #expect(lab.reloads == 1)
        let missing = try await lab.synced(command: "no-such-program")
        guard case .serverFiles(.reload(_, 127, _))? = missing.problems.first else { throw Unexpected(missing.problems) }
    }

    private struct Unexpected: Error {
        let problems: [ClientError]
        init(_ problems: [ClientError]) { self.problems = problems }
    }

    struct Lie: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let issue: @Sendable (TestWorkloads, String) throws -> String
    }

    static let lies = [
        Lie(testDescription: "for another key") { workloads, _ in
            try workloads.certificate(
                CertificateRequest(names: [.dns("web1.example.com")]).pem(signedBy: .init(P256.Signing.PrivateKey())))
        },
        Lie(testDescription: "for another name") { try $0.certificate($1, dns: ["web2.example.com"]) },
        Lie(testDescription: "of the past") { try $0.certificate($1, from: -7200, until: -1) },
        Lie(testDescription: "of the future") { try $0.certificate($1, from: 86_400 * 2, until: 86_400 * 3) },
        Lie(testDescription: "by another CA of the same name") {
            try $0.certificate($1, by: TestWorkloads.issuing(under: TestWorkloads().root))
        },
        Lie(testDescription: "garbage") { _, _ in "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
        Lie(testDescription: "nothing") { _, _ in "" },
    ]

    @Test(arguments: lies)
    func `a certificate that does not fit changes nothing`(_ lie: Lie) async throws {
        let lab = try await Lab()
        _ = try await lab.synced()
        let before = try lab.snapshot
        lab.set { $0.issue = { [workloads = lab.workloads] in try lie.issue(workloads, $0) } }
        let round = try await lab.synced(at: Date() + 3000)
        #expect(round.changes.isEmpty)
        #expect(round.problems.count == 1)
        #expect(try lab.snapshot == before)
        #expect(lab.reloads == 1)
    }

    @Test func `a chain under another root is not installed, whatever the server says its root is`() async throws {
        let lab = try await Lab()
        let other = try TestWorkloads()
        lab.set {
            $0.issue = { try other.certificate($0) }
            $0.chain = other.issuing.pem
        }
        #expect(
            try await lab.synced().problems == [
                .serverFiles(.certificate("it is not under the root that this machine knows"))
            ])
        #expect(try lab.snapshot.isEmpty)
    }

    @Test func `a server that denies or is down leaves what is there, and is asked again`() async throws {
        let lab = try await Lab()
        _ = try await lab.synced()
        let before = try lab.snapshot
        let due = Date() + 3000
        let denial = Problem(type: .denied, status: 403, title: "t", detail: "no rule")
        lab.set { $0.denial = denial }
        #expect(try await lab.synced(at: due).problems == [.problem(denial)])
        #expect(try lab.snapshot == before)
        lab.set {
            $0.denial = nil
            $0.issue = { [workloads = lab.workloads] in try workloads.certificate($0, until: 7200) }
        }
        #expect(try await lab.synced(at: due).changes.count == 2)
    }

    @Test func `a session that ended is opened again where there is something to log in with`() async throws {
        let lab = try await Lab()
        try lab.logIn(until: Date() - 1)
        let refused = try await lab.synced().problems
        guard case .sessionExpired? = refused.first else { throw Unexpected(refused) }
        let logins = Mutex(0)
        let round = try await lab.synced(logIn: {
            logins.withLock { $0 += 1 }
            try lab.logIn()
        })
        #expect(round.problems.isEmpty)
        #expect(logins.withLock { $0 } == 1)
    }

    @Test func `an interrupted renewal is completed without asking the server`() async throws {
        let lab = try await Lab()
        _ = try await lab.synced()
        try AtomicFile.write("older", to: lab.folder.certificatePath, for: .everyone)
        AtomicFile.remove(lab.folder.combinedPath)
        let calls = lab.server.calls.count
        // The files are again those that the server has read.
        #expect(try await lab.synced().changes == [.completed])
        #expect(lab.server.calls.count == calls)
        try lab.expectConsistency("completed")
    }

    struct ListLie: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let lists: @Sendable (TestWorkloads) throws -> (String, String)
    }

    static let listLies = [
        ListLie(testDescription: "older") { (try $0.issuing.list(4), try $0.root.list(2)) },
        ListLie(testDescription: "an older one of the root") { (try $0.issuing.list(6), try $0.root.list(1)) },
        ListLie(testDescription: "expired") {
            (try $0.issuing.list(6, thisUpdate: -7200, nextUpdate: -1), try $0.root.list(2))
        },
        ListLie(testDescription: "of the future") { (try $0.issuing.list(6, thisUpdate: 1800), try $0.root.list(2)) },
        ListLie(testDescription: "without that of the root") { (try $0.issuing.list(6), "") },
        ListLie(testDescription: "without that of the issuing CA") { ("", try $0.root.list(3)) },
        ListLie(testDescription: "two of one CA") { (try $0.issuing.list(6) + $0.issuing.list(7), try $0.root.list(3)) },
        ListLie(testDescription: "by another CA of the same name") {
            (try TestWorkloads.issuing(under: TestWorkloads().root).list(6), try $0.root.list(2))
        },
        ListLie(testDescription: "by another root") { (try $0.issuing.list(6), try TestWorkloads().root.list(3)) },
        ListLie(testDescription: "nothing") { _ in ("", "") },
        ListLie(testDescription: "cut off") { (String(try $0.issuing.list(6).dropLast(30)), try $0.root.list(2)) },
        ListLie(testDescription: "with text after it") { (try $0.issuing.list(6) + "x\n", try $0.root.list(2)) },
        ListLie(testDescription: "one byte changed") {
            var bytes = Array(try $0.issuing.list(6).utf8)
            bytes[120] = UInt8(ascii: bytes[120] == UInt8(ascii: "A") ? "B" : "A")
            return (String(decoding: bytes, as: UTF8.self), try $0.root.list(2))
        },
        ListLie(testDescription: "certificates") { ($0.issuing.pem, $0.root.pem) },
    ]

    @Test(arguments: listLies)
    func `lists that do not fit change nothing`(_ lie: ListLie) async throws {
        let lab = try await Lab()
        let good = (try lab.workloads.issuing.list(5), try lab.workloads.root.list(2))
        lab.set { $0.lists = good }
        let first = try await lab.synced(lists: true)
        #expect(first.problems.isEmpty && first.changes.count == 3, "\(first)")
        let before = try lab.snapshot
        let lies = try lie.lists(lab.workloads)
        lab.set { $0.lists = lies }
        let round = try await lab.synced(lists: true)
        #expect(round.changes.isEmpty)
        #expect(round.problems.count == 1)
        guard case .serverFiles(.revocationLists)? = round.problems.first else { throw Unexpected(round.problems) }
        #expect(try lab.snapshot == before)
        #expect(!AtomicFile.exists(DurableFiles.staged(lab.listPath)))
    }

    @Test(arguments: [nil, "", "garbage"])
    func `lists that were lost are fetched at once`(_ found: String?) async throws {
        let lab = try await Lab()
        if let found { try AtomicFile.write(found, to: lab.listPath, for: .everyone) }
        let good = (try lab.workloads.issuing.list(5, revoking: 7), try lab.workloads.root.list(2))
        lab.set { $0.lists = good }
        #expect(try await lab.synced(lists: true).changes.count == 3)
        #expect(try AtomicFile.readText(lab.listPath) == good.0 + good.1)
        #expect(try mode(of: lab.listPath) == 0o644)
        #expect(lab.server.calls.contains { $0.uri == "/v1/x509/revocations" })
        _ = try await lab.synced(lists: true)
        #expect(lab.server.calls.contains { $0.uri == "/v1/x509/revocations?after=5-2" })
    }

    @Test func `the lists of a new issuing CA come beside, and those of one that is gone go`() async throws {
        let lab = try await Lab()
        let next = try TestWorkloads.issuing(under: lab.workloads.root)
        let (old, new, root) = (
            try lab.workloads.issuing.list(5), try next.list(1), try lab.workloads.root.list(2)
        )
        lab.set { $0.lists = (old, root) }
        _ = try await lab.synced(lists: true)
        // Two CAs may have one name, not one key.
        #expect(next.fingerprint != lab.workloads.issuing.fingerprint)
        lab.set { $0.lists = (new, root) }
        #expect(try await lab.synced(lists: true).problems.count == 1)
        lab.set { $0.issuingCAs = next.pem }
        let round = try await lab.synced(lists: true)
        #expect(round.problems.isEmpty, "\(round.problems)")
        #expect(try AtomicFile.readText(lab.listPath) == new + root)
    }
}
