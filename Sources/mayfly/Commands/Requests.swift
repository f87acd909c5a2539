// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import Policies
import ServiceAPI

struct Requests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what you asked for and what you may decide about or look into, newest first.",
        discussion: """
            What waits for your decision says so; --waiting leaves out the rest.

            EXAMPLE:
              mayfly requests --waiting
            """)

    @Flag(help: "Only your own.")
    var mine = false

    @Flag(help: "Only what waits for you to decide or to review.")
    var waiting = false

    @Flag(help: "Also those that are over.")
    var all = false

    @Flag(help: "Only those that were approved.")
    var grants = false

    @Option(name: .shortAndLong, help: "How many at most.")
    var limit = 50

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be 1 or more") }
        guard !waiting || !mine && !all else {
            throw ValidationError("what waits for you is neither your own nor over: --waiting goes without --mine and --all")
        }
    }

    func run() async throws {
        let (found, reader) = try await server.connected { client, state in
            let reader = try state.identity().user ?? ""
            // Among all that are open, for the server knows no list of what waits for one.
            let most = waiting ? Int.max : limit
            let found =
                grants
                ? try await client.grants(onlyOwn: mine, onlyOpen: !all, limit: most)
                : try await client.accessRequests(onlyOwn: mine, onlyOpen: !all, limit: most)
            return (waiting ? Array(found.filter { $0.awaits(reader) }.prefix(limit)) : found, reader)
        }
        try output.print(AccessList(requests: found, next: nil)) {
            TextTable(
                header: ["ID", "STATE", "WHO", "ROLE", "HOST", "FOR", "UNTIL", "REASON"],
                rows: found.map { view in
                    [
                        view.id, view.stateText(for: reader), view.requester, view.role, view.host ?? "-",
                        PolicyDuration.text(.seconds(view.duration)), view.nextInstant?.text ?? "-", view.reason ?? "-",
                    ]
                }
            ).text
        }
    }
}
