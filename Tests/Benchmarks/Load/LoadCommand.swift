// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Against a running server: TLS 1.3, a session certificate, policy, record and audit, as a client has it.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Measure a running server that somebody is logged in to.",
        discussion: """
            The server has the sample policies, and who is logged in may use the lab.

            EXAMPLE:
              mayfly-bench load --url https://localhost:8443 --home ~/.config/mayfly --kind ssh --pid 4711
            """)

    @Option(help: "The server.")
    var url: String

    @Option(help: ArgumentHelp("What `mayfly login` left: $MAYFLY_HOME.", valueName: "directory"))
    var home: String

    @Option(help: "What to ask for: x509 or ssh.")
    var kind = LoadKind.x509

    @Option(help: "Connections; each has one request on its way.")
    var connections = 8

    @Option(help: "How long to measure, after one second of warm-up.")
    var seconds = 5

    @Flag(help: "A new TLS connection for each certificate.")
    var newConnections = false

    @Option(help: "The server's process number, for its processor time.")
    var pid: Int32?

    func run() async throws {
        var settings = LoadRun.Settings()
        settings.connections = connections
        settings.duration = .seconds(seconds)
        settings.makesNewConnections = newConnections
        settings.processID = pid
        let figures = try await Self.measure(kind, LoadTarget(url: url, home: home), settings)
        var table = MarkdownTable(
            "certificates", "per s", "server CPU µs", "client CPU µs", "p50 ms", "p99 ms", "other cores", "server MB")
        table.add(
            "\(figures.count)", rounded(figures.rate), rounded(figures.serverTime), rounded(figures.clientTime),
            rounded(figures.p50), rounded(figures.p99), rounded(figures.otherCores), rounded(figures.memory))
        print(table.text)
    }

    /// - Throws: unless every reply was a certificate, and those that were kept are good ones.
    static func measure(
        _ kind: LoadKind, _ target: LoadTarget, _ settings: LoadRun.Settings
    ) async throws -> LoadFigures {
        let figures = try await LoadRun(target, requests: try kind.requests(256, to: target), settings: settings).measure()
        guard figures.errors.isEmpty, figures.count > 0 else {
            throw BenchmarkError.unexpected("\(figures.count) certificates, and errors: \(figures.errors)")
        }
        for sample in figures.samples { try await kind.verify(sample, from: target.authorities) }
        return figures
    }
}
