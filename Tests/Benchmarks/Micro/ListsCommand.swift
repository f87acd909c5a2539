// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Issuance
import SSHCertificates
import X509Certificates

/// In process: what it costs to keep the lists of many revoked certificates, and whether issuing feels it.
struct ListsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lists", abstract: "Measure revocation lists in this process.")

    @Option(help: "How many unexpired certificates of each kind are revoked.")
    var entries = 100_000

    @Option(help: "How often everything is measured.")
    var rounds = 7

    func run() async throws {
        let bench = try await Workbench()
        var table = MarkdownTable("what", "ms")
        for (name, status) in [("", StatusAddresses.none), (", with 16 shards", try Self.sharded)] {
            var first: [Double] = []
            var keys: [Double] = []
            var lists: [Double] = []
            for round in 0..<rounds {
                let store = ForgetfulStore(revoked: try changes(on: bench))
                let publisher = RevocationPublisher(
                    authority: try bench.keys.authority(try Workbench.samplePolicies(), store, status: status))
                first.append(try await milliseconds { _ = try await publisher.publish() })
                for number in 0..<3 {
                    let event = Int64(2 * entries + 10 * number + 1)
                    store.revoke(try Self.change(event, .sshHost, bench.keys.hostIssuer, "\(9_000_000 + number)"))
                    keys.append(try await milliseconds { _ = try await publisher.publish() })
                    store.revoke(Self.change(event + 1, .x509, bench.keys.issuing.issuer, Self.serial()))
                    lists.append(try await milliseconds { _ = try await publisher.publish() })
                }
                guard round == 0, let krl = publisher.lists.keys, let crl = publisher.lists.certificates,
                    let own = crl.all.first
                else { continue }
                let largest = own.shards.map(\.der.count).max().map { ", largest shard \($0)" } ?? ""
                print(
                    "KRL \(krl.krl.count) bytes for \(krl.count), CRL \(own.full.der.count) bytes for \(crl.count), "
                        + "delta \(own.delta?.der.count ?? 0)\(largest)")
            }
            table.add("everything from the store\(name)", Spread(first).text)
            table.add("one SSH certificate more\(name)", Spread(keys).text)
            table.add("one X.509 certificate more\(name)", Spread(lists).text)
        }
        print(table.text)
        try await printIssuance(bench)
    }

    /// Issuing on one core alone, and beside lists that are built as fast as the service ever does.
    private func printIssuance(_ bench: Workbench) async throws {
        let entries = entries
        let issuing = Measurement(name: "") { try await bench.issueX509($0, by: bench.recording) }
        let store = ForgetfulStore(revoked: try changes(on: bench))
        let publisher = RevocationPublisher(authority: try bench.keys.authority(try Workbench.samplePolicies(), store))
        _ = try await publisher.publish()
        var alone: [Double] = []
        var beside: [Double] = []
        for round in 0..<rounds {
            alone.append(1e6 / (try await issuing.round(tasks: 1, duration: .seconds(1)).microseconds))
            beside.append(
                try await withThrowingTaskGroup(of: Void.self, returning: Double.self) { group in
                    group.addTask {
                        var number: Int64 = 0
                        while !Task.isCancelled {
                            number += 1
                            let event = Int64(10 * entries) + Int64(round) * 1000 + number
                            store.revoke(Self.change(event, .x509, bench.keys.issuing.issuer, Self.serial()))
                            let began = ContinuousClock.now
                            _ = try await publisher.publish()
                            // As the service rests.
                            try? await Task.sleep(for: began.duration(to: .now) * 2)
                        }
                    }
                    let rate = 1e6 / (try await issuing.round(tasks: 1, duration: .seconds(1)).microseconds)
                    group.cancelAll()
                    return rate
                })
        }
        print(
            "X.509 issuance a second, committed: \(Spread(alone).text) alone, \(Spread(beside).text) beside lists being built")
    }

    private func changes(on bench: Workbench) throws -> [RevocationChange] {
        let host = try bench.keys.hostIssuer
        // Every third serial, more or less: revoked ones lie among others.
        return (0..<entries).flatMap { number in
            [
                Self.change(Int64(2 * number), .sshHost, host, "\(1 + 3 * number + Int.random(in: 0...2))"),
                Self.change(Int64(2 * number + 1), .x509, bench.keys.issuing.issuer, Self.serial()),
            ]
        }
    }

    private static func change(
        _ event: Int64, _ kind: CertificateRecord.Kind, _ issuer: String, _ serial: String
    ) -> RevocationChange {
        let now = SystemClock().wholeSeconds
        return RevocationChange(
            event: event, kind: kind, issuer: issuer, serial: serial, validBefore: now.addingTimeInterval(86_400),
            revokedAt: now, cause: .unspecified)
    }

    private static func serial() -> String {
        (0..<16).map { _ in String(format: "%02x", UInt8.random(in: .min ... .max)) }.joined()
    }

    private static var sharded: StatusAddresses {
        get throws {
            func status(_ name: String) throws -> PublishedStatus {
                try PublishedStatus(lists: ["http://ca.example.com/crl/\(name).crl"])
            }
            return StatusAddresses(
                whole: try status("issuing"), shards: try ListShard.allCases.map { try status("issuing/\($0.name)") })
        }
    }

    private func milliseconds(_ body: () async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - start).inMilliseconds
    }
}
