// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Issuance
import Policies
import Synchronization
import X509Certificates

/// The log of a busy company: thousands of people, a hundred teams, five weeks. A CA in this process made every decision in it
/// with the code of the service, its signatures too; what is left out is the database.
struct ReplayLog {
    private let bench: Workbench
    private let policies: PolicySet

    private static let people = 5_000
    private static let teams = 100
    private static let seconds = 35 * 86_400.0

    init() async throws {
        bench = try await Workbench()
        policies = try PolicySet.load([PolicyFile(name: "policies.yaml", text: Self.policy)])
    }

    /// What decides; `edited` is what a change to it would make of the log.
    static let policy = """
        version: 1
        zones:
          web: {hosts: ["web*.example.com"]}
          db: {hosts: ["db*.example.com"]}
        windows:
          office: {days: mon-fri, hours: "07:00-19:00", time_zone: Europe/Berlin}
        groups:
          duty:
            rotation:
              members: [\((0..<7).map { user($0) }.joined(separator: ", "))]
              every: 1w
              starts: 2026-01-05T09:00
              time_zone: Europe/Berlin
        roles:
          shell: {ssh: {logins: [deploy, "{user.login}"], zones: [web], extensions: [pty]}}
          repair: {ssh: {logins: [postgres], zones: [db]}}
          client: {x509: {usage: [client], common_name: "{user.login}", uris: ["spiffe://example.com/{user.login}"]}}
        allow:
        \((0..<teams).map { team in
            """
              - id: team-\(team)-works
                who: {groups: [team-\(team)], mfa: true}
                roles: [shell]
                lifetime: {default: 10m, max: 1h}
            """
        }.joined(separator: "\n"))
          - id: engineers-are-known
            who: {groups: [engineers]}
            roles: [client]
            lifetime: {max: 8h}
          - id: duty-repairs
            who: {groups: [duty]}
            roles: [repair]
            lifetime: {max: 2h}
          - id: engineers-repair-by-day
            who: {groups: [engineers], authenticated_within: 1h}
            roles: [repair]
            networks: [10.0.0.0/8]
            during: office
            lifetime: {max: 1h}
            reason: {required: true, pattern: '^INC-\\d+$'}
          - id: engineers-ask
            who: {groups: [engineers]}
            roles: [repair]
            lifetime: {max: 1h}
            reason: {required: true}
            approval: {steps: [{by: {groups: [leads]}}]}
        deny:
          - id: contractors-keep-out
            who: {groups: [contractors]}
            roles: [shell, repair]

        """

    static let edited =
        policy
        .replacing("lifetime: {default: 10m, max: 1h}", with: "lifetime: {default: 5m, max: 30m}")
        .replacing("    during: office\n", with: "")
        .replacing("    roles: [shell, repair]", with: "    roles: [shell, repair, client]")

    /// Writes so many entries, a line each, as `mayfly audit tail --json` prints them.
    func write(_ count: Int, to path: String, progress: @Sendable (Int) -> Void) async throws {
        let sink = try LeafSink(path)
        let (part, parts) = (10_000, 2)
        let begin = SystemClock().wholeSeconds
        for start in stride(from: 0, to: count, by: part) {
            let end = min(count, start + part)
            try await withThrowingTaskGroup { group in
                for task in 0..<parts {
                    group.addTask {
                        let clock = SetClock(begin)
                        let authority = try bench.keys.authority(policies, ForgetfulStore { try sink.write($0) }, clock)
                        for number in stride(from: start + task, to: end, by: parts) {
                            clock.set(begin.addingTimeInterval((Self.seconds * Double(number) / Double(count)).rounded(.down)))
                            try await decide(number, by: authority, at: clock.now)
                        }
                    }
                }
                try await group.waitForAll()
            }
            progress(end)
        }
        try sink.close()
    }

    /// Of twenty: thirteen shells, two of them without a role, three certificates of X.509, and four that mostly fail.
    private func decide(_ number: Int, by authority: Authority, at now: Date) async throws {
        let person = number &* 7_919 % Self.people
        let key = bench.sshKeys[number % bench.sshKeys.count]
        let web = try HostName("web\(number % 400).example.com")
        let request =
            switch number % 20 {
            case 0..<11:
                try IssuanceRequest(
                    role: "shell", subject: .ssh(key, logins: ["deploy"], host: web),
                    lifetime: .seconds(60 * (number % 90 + 1)),
                    reason: nil)
            case 11..<13:
                try IssuanceRequest(
                    role: nil, subject: .ssh(key, logins: ["deploy"], host: web), lifetime: nil, reason: "INC-\(number)")
            case 13..<16:
                try IssuanceRequest(
                    role: "client",
                    subject: .x509(try CertificateSigningRequest(parsing: bench.signingRequests[number % 64])), lifetime: nil,
                    reason: nil)
            case 16..<19:
                try IssuanceRequest(
                    role: "repair", subject: .ssh(key, logins: nil, host: try HostName("db\(number % 40).example.com")),
                    lifetime: nil, reason: number % 3 == 0 ? nil : "INC-\(number)")
            default:
                try IssuanceRequest(
                    role: "shell", subject: .ssh(key, logins: ["deploy"], host: try HostName("db1.example.com")), lifetime: nil,
                    reason: nil)
            }
        let caller = Caller(
            identity: Self.identity(of: person, at: now), session: bench.caller.session ?? "", requestID: UUID().uuidString,
            idempotencyKey: nil, isStillKnown: { true })
        _ = try await authority.issue(request, for: caller)
    }

    private static func user(_ number: Int) -> String { "user-\(number)@example.com" }

    private static func identity(of number: Int, at now: Date) -> Identity {
        var groups: Set<String> = ["engineers", "team-\(number % teams)"]
        if number % 23 == 0 { groups.insert("contractors") }
        return Identity(
            provider: "company", user: user(number), login: "user-\(number)", groups: .known(groups), claims: .known([:]),
            mfa: .known(number % 11 != 0), authenticatedAt: .known(now - Double(number % 7_200)),
            address: IPAddress(number % 5 == 0 ? "192.0.2.\(number % 250)" : "10.0.\(number % 200).7"))
    }
}

/// Stands where it is set.
private final class SetClock: WallClock {
    private let time: Mutex<Date>

    init(_ now: Date) { time = Mutex(now) }

    var now: Date { time.withLock { $0 } }

    func set(_ now: Date) { time.withLock { $0 = now } }
}

/// A file of log entries, a line each.
private final class LeafSink: Sendable {
    private struct State {
        let file: FileHandle
        var waiting = Data()
    }

    private let state: Mutex<State>

    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path) else {
            throw BenchmarkError.unexpected("`\(path)` cannot be written")
        }
        state = Mutex(State(file: file))
    }

    func write(_ entries: [CommitEntry]) throws {
        try state.withLock { state in
            for leaf in entries.flatMap({ [$0.leaf] + $0.moreLeaves }) {
                state.waiting += leaf
                state.waiting.append(UInt8(ascii: "\n"))
            }
            guard state.waiting.count > 1 << 20 else { return }
            try state.file.write(contentsOf: state.waiting)
            state.waiting.removeAll(keepingCapacity: true)
        }
    }

    func close() throws {
        try state.withLock { state in
            try state.file.write(contentsOf: state.waiting)
            try state.file.close()
        }
    }
}
