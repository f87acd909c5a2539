// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Issuance
import Keys
import Policies
import SSHCertificates
import Storage
import TestSupport
import X509Certificates

/// A CA in this process: the sample policies, new keys of the kinds `init` makes, a session, and requests to serve.
struct Workbench: Sendable {
    /// On SQLite, durable as in the service.
    let recording: Authority
    /// The same keys and policies over a store that keeps nothing.
    let forgetting: Authority
    let store: SQLStore
    let keys: Keys
    let issuingKey: CAKey
    let sshKey: CAKey
    let caller: Caller
    let signingRequests: [String]
    let sshKeys: [SSHPublicKey]
    /// Kept for its `deinit`.
    private let directory: TemporaryDirectory

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLStore.sqlite(path: directory.file("bench.sqlite"))
        issuingKey = try CAKey.generate(.ecdsaP256)
        sshKey = try CAKey.generate(.ed25519)
        signingRequests = try (0..<64).map { _ in try RequestKeys.signingRequest() }
        sshKeys = try (0..<64).map { _ in try SSHPublicKey(authorizedKey: try RequestKeys.sshPublicKey()) }

        let now = SystemClock().wholeSeconds
        let session = SessionRecord(
            serial: String(repeating: "5", count: 32), provider: Self.identity.provider, user: Self.identity.user ?? "",
            certificateDigest: [], createdAt: now, expiresAt: now.addingTimeInterval(86_400))
        var entry = try CommitEntry(event: AuditEvent(time: AuditTime(now), type: .loginAllowed))
        entry.session = session
        _ = try await store.commit([entry])
        caller = Caller(
            identity: Self.identity, session: session.serial, requestID: UUID().uuidString, idempotencyKey: nil,
            isStillKnown: { true })

        let root = try CAKey.generate(.ecdsaP256)
        let year = 365 * 86_400.0
        let rootCertificate = try await CACertificates.root(
            commonName: "Bench Root", signer: root, now: now, lifetime: 2 * year)
        let issuing = try X509Authority(
            certificate: try await CACertificates.issuing(
                commonName: "Bench Issuing", key: issuingKey, under: rootCertificate, signer: root, now: now, lifetime: year),
            signer: issuingKey)
        let serviceKey = try CAKey.generate(.ecdsaP256)
        let service = try X509Authority(
            certificate: try await CACertificates.service(
                commonName: "Bench Service", signer: serviceKey, now: now, lifetime: year), signer: serviceKey)
        keys = Keys(users: sshKey, hosts: try CAKey.generate(.ed25519), issuing: issuing, service: service)
        let policies = try Self.samplePolicies()
        recording = try keys.authority(policies, store)
        forgetting = try keys.authority(policies, ForgetfulStore())
    }

    /// What the CA signs with.
    struct Keys {
        let users: CAKey
        let hosts: CAKey
        let issuing: X509Authority
        let service: X509Authority

        /// How the store names the CA of hosts.
        var hostIssuer: String {
            get throws { try SSHPublicKey(subjectPublicKeyInfo: hosts.subjectPublicKeyInfo).fingerprint }
        }

        /// - Parameter status: whether lists are in shards or not.
        func authority(
            _ policies: PolicySet, _ store: any Store, _ clock: any WallClock = SystemClock(), status: StatusAddresses = .none
        ) throws -> Authority {
            Authority(
                policies: PolicyHolder(policies, loadedAt: clock.now),
                keys: KeyRing(
                    users: try SSHAuthority(signer: users, store: store),
                    hosts: try SSHAuthority(signer: hosts, store: store), workloads: WorkloadAuthority(issuing, status: status)),
                service: ServiceAuthority(service), store: store, clock: clock, ceilings: .standard,
                directory: EmptyDirectory())
        }
    }

    static let identity = Identity(
        provider: "local", user: "ada@example.com", login: "ada", groups: .known(["admins"]), claims: .known([:]),
        mfa: .known(false), address: IPAddress("127.0.0.1"))

    func issueX509(_ number: Int, by authority: Authority) async throws {
        let request = try CertificateSigningRequest(parsing: signingRequests[number % signingRequests.count])
        try await issue(IssuanceRequest(role: "lab-web", subject: .x509(request), lifetime: nil, reason: nil), by: authority)
    }

    func issueSSH(_ number: Int, by authority: Authority) async throws {
        let key = sshKeys[number % sshKeys.count]
        try await issue(
            IssuanceRequest(
                role: "lab-shell", subject: .ssh(key, logins: nil, host: nil), lifetime: nil, reason: nil), by: authority)
    }

    private func issue(_ request: IssuanceRequest, by authority: Authority) async throws {
        guard case .issued = try await authority.issue(request, for: caller) else { throw BenchmarkError.notIssued }
    }

    /// An event as issuing a certificate makes it.
    var event: AuditEvent {
        let now = AuditTime(Date())
        return AuditEvent(
            time: now, type: .certificateIssued,
            actor: .init(provider: "local", user: "ada@example.com", login: "ada", groups: ["admins"], session: caller.session),
            request: .init(id: caller.requestID, role: "lab-shell", kind: .ssh),
            policy: "sha256:" + String(repeating: "0", count: 64),
            decision: .init(result: .allow, rule: "engineers-use-the-lab"),
            certificate: .init(
                kind: .ssh, serial: "4711", issuer: sshKeys[0].fingerprint, keyID: "ada@example.com/lab-shell",
                principals: ["ada@zone:lab"], validAfter: now, validBefore: now, options: ["permit-pty": ""],
                digest: String(repeating: "0", count: 64)))
    }

    static func samplePolicies() throws -> PolicySet {
        let folder = Repository.root + "/policies"
        return try PolicySet.load(
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }.map { name in
                PolicyFile(name: name, text: try String(contentsOfFile: folder + "/" + name, encoding: .utf8))
            })
    }

    /// So many rules that give one role to a team each: all must be looked at, and one allows.
    /// - Parameter members: how many users are in each team.
    static func policies(rules: Int, members: Int = 0, longest: String = "1h") throws -> PolicySet {
        let groups = (0..<(members == 0 ? 0 : rules)).map { team in
            "  team-\(team): {members: [\((0..<members).map { member($0, of: team) }.joined(separator: ", "))]}"
        }
        let allow = (0..<rules).map { number in
            """
              - id: team-\(number)-deploys
                who: {groups: [team-\(number)]}
                roles: [deploy]
                lifetime: {default: 10m, max: \(longest)}
            """
        }
        return try PolicySet.load([
            PolicyFile(
                name: "bench.yaml",
                text: """
                    version: 1
                    zones:
                      web: {hosts: ["web*.example.com"]}
                    roles:
                      deploy:
                        description: deploys
                        ssh: {logins: [deploy], zones: [web]}
                    \(members == 0 ? "" : "groups:\n" + groups.joined(separator: "\n"))
                    allow:
                    \(allow.joined(separator: "\n"))

                    """)
        ])
    }

    static func member(_ number: Int, of team: Int) -> String { "user-\(number)-of-\(team)@example.com" }
}

enum BenchmarkError: Error, CustomStringConvertible {
    case notIssued
    case unusableURL(String)
    case unexpected(String)

    var description: String {
        switch self {
        case .notIssued: "a certificate was not issued"
        case .unusableURL(let url): "`\(url)` is not the URL of a server; expected `https://localhost:8443`"
        case .unexpected(let what): what
        }
    }
}
