// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import TestSupport

/// Everything at once: the tables of `docs/benchmarks.md`.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Measure everything, on a server of its own that lies beside this program.",
        discussion: "With $MAYFLY_PEERS, a folder of scripts, step-ca is measured in the same run.")

    @Option(help: "Repetitions; the kinds take turns.")
    var repetitions = 3

    @Option(help: "How long each is measured.")
    var seconds = 5

    @Option(help: "Certificates in the database for the last measurements.")
    var records = 100_000

    @Flag(help: "Leave out what happens in process.")
    var skipMicro = false

    private struct Case {
        let name: String
        let kind: LoadKind
        var connections = 8
        var makesNewConnections = false
        /// What step-ca calls the same.
        let peer: String?
    }

    private static let cases = [
        Case(name: "X.509 P-256 from a CSR", kind: .x509, peer: "x509"),
        Case(name: "SSH user certificate, ed25519", kind: .ssh, peer: "ssh"),
        Case(name: "X.509, a new TLS connection each", kind: .x509, makesNewConnections: true, peer: "newconn"),
        Case(name: "X.509, 1 connection", kind: .x509, connections: 1, peer: nil),
        Case(name: "SSH, 1 connection", kind: .ssh, connections: 1, peer: nil),
        Case(name: "X.509, 32 connections", kind: .x509, connections: 32, peer: nil),
        Case(name: "SSH, 32 connections", kind: .ssh, connections: 32, peer: nil),
    ]

    func run() async throws {
        print("\(ProcessFigures.machine)\n")
        if !skipMicro { print(try await MicroCommand.parse([]).table()) }

        let server = try await BenchServer()
        defer { server.ca.directory.close() }
        var ours = Self.cases.map { _ in [LoadFigures]() }
        var peers: [String: [StepCA.Figures]] = [:]
        let stepCA = StepCA()
        for repetition in 1...max(1, repetitions) {
            for (index, part) in Self.cases.enumerated() {
                note("repetition \(repetition): \(part.name)")
                ours[index].append(try await measure(part, on: server))
            }
            guard let stepCA else { continue }
            note("repetition \(repetition): step-ca")
            for (kind, figures) in try await stepCA.repetition() { peers[kind, default: []].append(figures) }
        }
        print(loadTable(ours, peers))
        print(try await sizeTable(server, peers))
        note("a fleet of hosts")
        print(try await FleetCommand.parse([]).table())
        await server.ca.stop()
        note("a replay of the log")
        print(try await ReplayCommand.parse([]).table())
        note("approvals")
        print(try await ApprovalCommand.parse([]).table())
    }

    private func measure(_ part: Case, on server: BenchServer) async throws -> LoadFigures {
        var settings = LoadRun.Settings()
        settings.connections = part.connections
        settings.duration = .seconds(seconds)
        settings.makesNewConnections = part.makesNewConnections
        settings.processID = server.ca.processID
        return try await LoadCommand.measure(part.kind, server.target, settings)
    }

    private func loadTable(_ ours: [[LoadFigures]], _ peers: [String: [StepCA.Figures]]) -> String {
        var table = MarkdownTable("what", "who", "per s", "server CPU µs", "p50 ms", "p99 ms", "MB after", "other cores")
        for (part, figures) in zip(Self.cases, ours) {
            func text(_ value: (LoadFigures) -> Double) -> String { Spread(figures.map(value)).text }
            table.add(
                part.name, "mayfly", text(\.rate), text(\.serverTime), text(\.p50), text(\.p99),
                rounded(Spread(figures.map(\.memory)).median), rounded(Spread(figures.map(\.otherCores)).median))
            guard let peer = part.peer, let theirs = peers[peer] else { continue }
            func their(_ value: (StepCA.Figures) -> Double?) -> String { Spread(theirs.compactMap(value)).text }
            table.add(
                "", "step-ca", their(\.rate), their(\.serverTime), their(\.p50), their(\.p99),
                rounded(Spread(theirs.compactMap(\.memory)).median), rounded(Spread(theirs.compactMap(\.otherCores)).median))
        }
        return table.text
    }

    /// Fills the database, and starts the server over an empty one and over the full one.
    private func sizeTable(_ server: BenchServer, _ peers: [String: [StepCA.Figures]]) async throws -> String {
        note("start over an empty database")
        let empty = try await BenchServer()
        defer { empty.ca.directory.close() }
        await empty.ca.stop()
        let emptyStarts = try await empty.starts(7)

        var settings = LoadRun.Settings()
        settings.connections = 32
        settings.warmup = .zero
        settings.processID = server.ca.processID
        settings.duration = .seconds(2)
        while try await recordCount(server) < records {
            note("\(try await recordCount(server)) certificates of \(records)")
            _ = try await LoadCommand.measure(.ssh, server.target, settings)
        }
        let count = try await recordCount(server)
        let memory = ProcessFigures.memory(of: server.ca.processID)
        await server.ca.stop()
        let fullStarts = try await server.starts(7)

        var table = MarkdownTable("what", "mayfly", "step-ca")
        let theirs = Spread((peers["startup"] ?? []).compactMap(\.firstCertificate)).text
        table.add("start to first certificate, empty database, ms", Spread(emptyStarts.map(\.time)).text, theirs)
        table.add("the same over \(count) certificates, ms", Spread(fullStarts.map(\.time)).text)
        table.add("memory after the first certificate, MB", rounded(Spread(emptyStarts.map(\.memory)).median))
        table.add(
            "memory after \(count) certificates in one process, MB", "\(rounded(memory.now)), at most \(rounded(memory.peak))")
        return table.text
    }

    /// Events of the log: one for each certificate, and a few.
    private func recordCount(_ server: BenchServer) async throws -> Int {
        struct Status: Decodable {
            let logSize: Int
            enum CodingKeys: String, CodingKey { case logSize = "log_size" }
        }
        let output = try await server.ca.mayfly(["status", "--json"]).checked().outputBytes
        return try JSONDecoder().decode(Status.self, from: Data(output)).logSize
    }
}
