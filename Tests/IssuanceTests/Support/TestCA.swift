// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import Storage
import Testing
import X509Certificates

@testable import Issuance

/// An authority with real keys, and a database in a directory of its own. Its clock stands a quarter of a second after
/// `start`; its CA certificates are a day old.
struct TestCA: Sendable {
    static let start = Date(timeIntervalSince1970: 1_795_000_000)
    static let year: Double = 365 * 86_400

    let clock = TestClock(TestCA.start + 0.25)
    let people = TestDirectory()
    let store: DisturbedStore
    let authority: Authority
    /// What signs SSH user certificates.
    let userSigner: DisturbedSigner
    let vault: MemoryVault
    let root: IssuerCertificate
    let issuing: IssuerCertificate
    let service: IssuerCertificate
    let log: LogReader
    private let directory: ScratchDirectory

    /// - Parameters:
    ///   - caLife: seconds until issuing CA and service CA end.
    ///   - maximumPages: of the database.
    ///   - sessionLife: seconds until everybody's session ends.
    init(
        policy: String = TestCA.policy, ceilings: Ceilings = .standard, caLife: Double = TestCA.year, maximumPages: Int? = nil,
        sessionLife: Double = 8 * 3600, announcements: Announcements = .none, status: StatusAddresses = .none
    ) async throws {
        directory = try ScratchDirectory()
        store = DisturbedStore(
            try await SQLStore.sqlite(path: directory.path + "/test.sqlite", maximumPages: maximumPages))
        let keys = try TestKeys.shared.get()
        let birth = Self.start - 86_400
        root = try await CACertificates.root(
            commonName: "Test Root", signer: keys.root, now: birth, lifetime: 10 * Self.year)
        issuing = try await CACertificates.issuing(
            commonName: "Test Issuing", key: keys.issuing, under: root, signer: keys.root, now: birth,
            lifetime: 86_400 + caLife)
        service = try await CACertificates.service(
            commonName: "Test Service", signer: keys.service, now: birth, lifetime: 86_400 + caLife)
        userSigner = DisturbedSigner(keys.users)
        vault = MemoryVault([.sshUser: userSigner, .sshHost: keys.hosts, .issuing: keys.issuing])
        authority = Authority(
            policies: PolicyHolder(try Self.policySet(policy), loadedAt: Self.start),
            keys: KeyRing(
                users: try SSHAuthority(signer: userSigner, store: store),
                hosts: try SSHAuthority(signer: keys.hosts, store: store),
                workloads: WorkloadAuthority(try X509Authority(certificate: issuing, signer: keys.issuing), status: status)),
            vault: vault, service: ServiceAuthority(try X509Authority(certificate: service, signer: keys.service)),
            store: store, clock: clock, ceilings: ceilings, directory: people, announcements: announcements)
        log = try LogReader(name: "Test", signer: keys.log, store: store)
        try await openSessions(life: sessionLife)
    }

    /// - Parameter life: seconds from the start.
    private func openSessions(life: Double) async throws {
        let openings = try Person.allCases.map { person in
            var entry = try CommitEntry(event: AuditEvent(time: AuditTime(Self.start), type: .loginAllowed))
            entry.session = SessionRecord(
                serial: person.session, provider: "local", user: person.name, certificateDigest: [], createdAt: Self.start,
                expiresAt: Self.start + life)
            return entry
        }
        _ = try await store.commit(openings)
    }

    static func policySet(_ text: String) throws -> PolicySet {
        try PolicySet.load([PolicyFile(name: "test.yaml", text: text)])
    }

    /// The certificate for a request that must be allowed.
    func issued(_ request: IssuanceRequest, to caller: Caller = Person.ana.caller()) async throws -> CertificateRecord {
        try #require(try await authority.issue(request, for: caller).record)
    }

    /// Every event since the start, each read strictly.
    func events() async throws -> [AuditEvent] {
        try await store.logLeaves(from: UInt64(Person.allCases.count), limit: 100_000).map { try AuditEvent(canonical: $0) }
    }

    /// Every certificate on record, the newest first.
    func certificates() async throws -> [CertificateRecord] {
        try await store.certificates(matching: CertificateFilter(limit: 100_000))
    }

    /// Ends a session behind the authority's back.
    func end(_ session: String) async throws {
        var entry = try CommitEntry(event: AuditEvent(time: AuditTime(clock.now), type: .sessionEnded))
        entry.endedSessions = [session]
        _ = try await store.base.commit([entry])
    }
}

extension TestCA {
    static let policy = """
        version: 1
        zones:
          web: {hosts: ["web*.example.com"]}
          db: {hosts: [db1.example.com]}
        roles:
          shell:
            description: a shell on the web servers
            ssh: {logins: [deploy], zones: [web], extensions: [pty], source_address: requester}
          backup:
            description: copies the databases
            ssh: {logins: [backup], zones: [db], force_command: /usr/bin/backup, end_session_at_expiry: true}
          dump:
            description: reads the databases
            ssh: {logins: [dump], zones: [db]}
          web-host:
            description: host certificates of the web servers
            ssh_host: {zones: [web]}
          web-server:
            description: the web servers
            x509: {usage: [server], dns: [web1.example.com, "web*.example.com"]}
          client:
            description: clients of the database
            x509: {usage: [client], common_name: "{user.login}"}
          revoker:
            description: ends what others hold
            capabilities: [certificates.revoke]
          gatekeeper:
            description: lets hosts in
            capabilities: [tokens.create, hosts.read, hosts.remove]
        allow:
          - id: engineers-work
            who: {groups: [engineers]}
            roles: [shell, backup, dump, web-host, web-server, client]
            lifetime: {default: 10m, max: 200d}
          - id: admins-revoke
            who: {groups: [admins]}
            roles: [revoker, gatekeeper]
          - id: hosts-look-after-themselves
            who: {provider: hosts}
            roles: [web-host]
            lifetime: {default: 1d, max: 1d}
        deny:
          - id: contractors-keep-out
            who: {groups: [contractors]}
            roles: [shell]

        """
}

/// A test that fails prints what it looked at; from here everything can be reached.
extension TestCA: CustomReflectable {
    var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension IssuanceOutcome {
    var record: CertificateRecord? {
        if case .issued(let record, _) = self { record } else { nil }
    }

    var narrowed: [String]? {
        if case .issued(_, let narrowed) = self { narrowed } else { nil }
    }

    var denial: Denial? {
        refusal?.denial
    }

    var refusal: DeniedError? {
        if case .denied(let refusal) = self { refusal } else { nil }
    }
}

/// Removed with all its content when the test lets go of it.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/mayfly-issuance-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Runs `body` for each number at once and returns what became of each.
func concurrently<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value
) async -> [Result<Value, any Error>] {
    await withTaskGroup(of: Result<Value, any Error>.self) { group in
        for number in 0..<count {
            group.addTask {
                do { return .success(try await body(number)) } catch { return .failure(error) }
            }
        }
        return await group.reduce(into: []) { $0.append($1) }
    }
}
