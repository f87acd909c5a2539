// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import TestFleet
import TestSupport

/// How long a revocation takes to every host of a fleet.
struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet", abstract: "Measure how long `mayfly revoke --wait` takes with many hosts.",
        discussion: "The hosts are in this process, with host keys, files and TLS connections of their own.")

    @Option(help: "So many.")
    var hosts = 200

    @Option(help: "Revocations, one after the other.")
    var repetitions = 7

    func run() async throws {
        print(try await table())
    }

    func table() async throws -> String {
        let work = try TemporaryDirectory()
        defer { work.close() }
        let policies = try work.makeDirectory("policies")
        try work.write(SimulatedFleet.policy, to: "policies/policy.yaml")
        return try await serving(try await MayflyCA(.init(policies: policies))) { ca in
            try await ca.logIn()
            let fleet = try await SimulatedFleet(hosts, of: ca)
            var revocations: [FleetRevocation] = []
            var serverTimes: [Double] = []
            try await fleet.running {
                try await fleet.waitUntilUpToDate(at: ca)
                // The first one is for connections that are not open yet.
                _ = try await FleetRevocation(at: ca, of: fleet)
                for _ in 1...max(1, repetitions) {
                    try await Task.sleep(for: .seconds(6))
                    let before = ProcessFigures.processorTime(of: ca.processID)
                    revocations.append(try await FleetRevocation(at: ca, of: fleet))
                    serverTimes.append((ProcessFigures.processorTime(of: ca.processID) - before) / Double(hosts))
                }
            }
            guard revocations.allSatisfy({ $0.reply.complete && $0.reply.list?.enforcing == hosts }) else {
                throw BenchmarkError.unexpected(revocations.map(\.result.stderr).joined())
            }
            var table = MarkdownTable("one revocation, \(hosts) hosts", "ms")
            table.add(
                "until the last host has the list in its place", Spread(revocations.map(\.installed.inMilliseconds)).text)
            table.add("until `revoke --wait` ends", Spread(revocations.map(\.known.inMilliseconds)).text)
            table.add("server CPU for each host, µs", Spread(serverTimes).text)
            return table.text
        }
    }
}
