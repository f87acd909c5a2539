// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import Policies

struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON document.")
    var json = false

    /// The document, or its text for people.
    func print(_ document: some Encodable, text: () -> String) throws {
        if json { try Console.write(json: document) } else { Console.write(text()) }
    }
}

struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The server, if not that of the last login.", valueName: "url"))
    var server: String?

    func state() throws -> ServerState {
        try Home(environment: ProcessInfo.processInfo.environment).server(server)
    }

    /// Calls the server as the person who is logged in.
    func connected<Result>(_ body: (APIClient, ServerState) async throws -> Result) async throws -> Result {
        let state = try state()
        return try await APIClient.connected(
            to: state.address, serviceCA: try state.serviceCA(), session: try state.session(now: Date())
        ) { try await body($0, state) }
    }
}

struct IssueOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("How long it is to be valid, such as 30m or 8h.", valueName: "duration"),
        transform: { try PolicyDuration.parse($0) })
    var lifetime: Duration?

    @Option(help: "Why; some rules ask for it.")
    var reason: String?

    @Option(help: "The ticket that asks for it; some rules want one.")
    var ticket: String?

    @Option(help: "The grant to use; by default whichever permits it.")
    var grant: String?

    /// Whole seconds.
    var lifetimeSeconds: Int? { lifetime.map { Int($0.components.seconds) } }
}

extension Date {
    /// `2026-11-23T10:00:00Z`.
    var text: String { formatted(.iso8601) }
}
