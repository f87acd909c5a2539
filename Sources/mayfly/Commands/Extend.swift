// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Policies
import ServiceAPI

struct Extend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask for more time after a grant that is in use.",
        discussion: """
            It is a request of its own, to the same people, and goes on where the grant ends. Exit status 3: it waits.

            EXAMPLE:
              mayfly extend --for 30m --reason "INC-7 goes on"
            """)

    @Argument(help: "The grant; the one you use by default.")
    var grant: String?

    @Option(
        name: .customLong("for"), help: ArgumentHelp("How much longer.", valueName: "duration"),
        transform: { try PolicyDuration.parse($0) })
    var duration: Duration?

    @Option(help: "Why; as before by default.")
    var reason: String?

    @Flag(help: "Wait for the decision.")
    var wait = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let view = try await server.connected { client, _ in
            let body = AccessRequestBody(
                duration: duration.map { Int($0.components.seconds) }, reason: reason,
                extends: try await client.ownGrant(grant, inState: ["active"]))
            let asked = try await client.ask(body)
            return wait ? try await AccessWait(client: client).decision(on: asked) : asked
        }
        try output.print(view) { view.text }
        if view.state == "pending" { Console.note(view.waitingText()) }
        try view.exitUnlessGiven()
    }
}

extension APIClient {
    /// The one that was named, or the only one of one's own in one of these states.
    func ownGrant(_ named: String?, inState states: Set<String>) async throws -> String {
        if let named { return named }
        let own = try await accessRequests(onlyOwn: true, onlyOpen: true, limit: 100).filter { states.contains($0.state) }
        guard let first = own.first else { throw ClientError.noGrant }
        guard own.count == 1 else { throw ClientError.severalGrants(own.map(\.id)) }
        return first.id
    }
}
