// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Foundation
import Issuance
import Keys
import Policies
import SSHCertificates
import Storage
import X509Certificates

/// In process: the parts of issuing a certificate, each beside the signature that nobody can do without.
struct MicroCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "micro", abstract: "Measure the parts of issuance in this process.")

    @Option(help: "How often everything is measured, in turn.")
    var rounds = 7

    @Option(help: ArgumentHelp("How long each is measured in a round.", valueName: "milliseconds"))
    var duration = 150

    @Option(help: ArgumentHelp("Only what has this in its name, beside the calibration.", valueName: "text"))
    var only: String?

    func run() async throws {
        print(try await table())
    }

    /// The measurements take turns, so that a neighbour on the machine disturbs all of them alike.
    func table() async throws -> String {
        let bench = try await Workbench()
        let measurements = try Self.measurements(on: bench).enumerated().filter { index, measurement in
            only.map { index == 0 || measurement.name.contains($0) } ?? true
        }.map(\.element)
        let length = Duration.milliseconds(duration)
        for measurement in measurements { _ = try await measurement.round(tasks: 1, duration: length / 4) }

        var single = measurements.map { _ in [Measurement.Round]() }
        var double = single
        for _ in 0..<rounds {
            for (index, measurement) in measurements.enumerated() {
                single[index].append(try await measurement.round(tasks: 1, duration: length))
                double[index].append(try await measurement.round(tasks: 2, duration: length))
            }
        }

        var table = MarkdownTable("what", "µs", "CPU µs", "× P-256 sign", "per s, 1 task", "per s, 2 tasks")
        for (index, measurement) in measurements.enumerated() {
            let time = Spread(single[index].map(\.microseconds))
            let ratio = Spread(zip(single[index], single[0]).map { $0.processorMicroseconds / $1.processorMicroseconds })
            table.add(
                measurement.name, time.text, rounded(Spread(single[index].map(\.processorMicroseconds)).median),
                rounded(ratio.median), rounded(1e6 / time.median),
                rounded(1e6 / Spread(double[index].map(\.microseconds)).median))
        }
        return table.text
    }

    private static func measurements(on bench: Workbench) throws -> [Measurement] {
        let message = [UInt8](repeating: 7, count: 400)
        let events = 64
        return [
            Measurement(name: "P-256 sign (calibration)") { _ in
                _ = try bench.issuingKey.sign(message, with: .ecdsaSHA256)
            },
            Measurement(name: "Ed25519 sign (calibration)") { _ in _ = try bench.sshKey.sign(message, with: .ed25519) },
            Measurement(name: "CSR parse and verify, P-256") { number in
                _ = try CertificateSigningRequest(parsing: bench.signingRequests[number % bench.signingRequests.count])
            },
            Measurement(name: "X.509 issuance, without a store") { try await bench.issueX509($0, by: bench.forgetting) },
            Measurement(name: "X.509 issuance, committed to SQLite") { try await bench.issueX509($0, by: bench.recording) },
            Measurement(name: "SSH issuance, without a store") { try await bench.issueSSH($0, by: bench.forgetting) },
            Measurement(name: "SSH issuance, committed to SQLite") { try await bench.issueSSH($0, by: bench.recording) },
            try decision(rules: 10),
            try decision(rules: 1000),
            try decision(rules: 1000, members: 10),
            try check(rules: 1000, members: 10),
            try diff(rules: 1000, members: 10),
            try replay(of: bench.event),
            Measurement(name: "audit event, encoded") { _ in _ = try bench.event.canonicalBytes },
            Measurement(name: "audit append, one event a commit") { _ in
                _ = try await bench.store.commit([try CommitEntry(event: bench.event)])
            },
            Measurement(name: "audit append, \(events) events a commit", batch: events) { _ in
                _ = try await bench.store.commit(try (0..<events).map { _ in try CommitEntry(event: bench.event) })
            },
        ]
    }

    /// - Parameter members: how many users the policies put into the group of each rule; of nobody's group the provider says
    ///   anything then.
    private static func decision(rules: Int, members: Int = 0) throws -> Measurement {
        let set = try Workbench.policies(rules: rules, members: members)
        let said: Set<String> = members == 0 ? ["all", "engineers", "team-\(rules / 2)"] : []
        let identity = Identity(
            provider: "local", user: members == 0 ? "ada@example.com" : Workbench.member(0, of: rules / 2), login: "ada",
            groups: .known(said), claims: .known([:]), mfa: .known(false))
        let question = try AuthorizationRequest(role: "deploy", what: .ssh(logins: nil, host: nil))
        let now = Date()
        let people = members == 0 ? "" : ", \(rules * members) users in groups"
        return Measurement(name: "policy decision, \(rules) rules for the role\(people)") { _ in
            guard case .allow = set.decide(identity, question, at: now) else { throw BenchmarkError.notIssued }
        }
    }

    /// What `mayfly policy check` finds out about the rules of one role.
    private static func check(rules: Int, members: Int) throws -> Measurement {
        let set = try Workbench.policies(rules: rules, members: members)
        return Measurement(name: "policy check, \(rules) rules for the role, \(rules * members) users in groups") { _ in
            guard set.lint(ceilings: nil).count == rules else { throw BenchmarkError.notIssued }
        }
    }

    /// What `mayfly policy diff` finds when every rule gives more.
    private static func diff(rules: Int, members: Int) throws -> Measurement {
        let before = try Workbench.policies(rules: rules, members: members)
        let after = try Workbench.policies(rules: rules, members: members, longest: "8h")
        return Measurement(name: "policy diff, \(rules) rules that all widen") { _ in
            guard after.diff(from: before).changes.count == rules else { throw BenchmarkError.notIssued }
        }
    }

    /// What `mayfly policy replay` does with one entry of the log.
    private static func replay(of event: AuditEvent) throws -> Measurement {
        let replay = PolicyReplay(under: try Workbench.samplePolicies())
        let leaf = try event.canonicalBytes
        return Measurement(name: "policy replay, one entry of the log") { _ in
            guard let recorded = try RecordedQuestion(AuditEvent(canonical: leaf)) else { throw BenchmarkError.notIssued }
            _ = replay.verdict(on: recorded)
        }
    }
}
