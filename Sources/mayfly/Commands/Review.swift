// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import ServiceAPI

struct Review: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Close the review of what somebody took as break-glass.",
        discussion: """
            EXAMPLE:
              mayfly review k3x7mw2p4qza --fine --note "INC-7 was real"
            """)

    @Argument(help: "Its id, as `mayfly requests` shows it.")
    var id: String

    @Flag(help: "Whether it was right.")
    var verdict: AccessVerdict

    @Option(help: "Why.")
    var note: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let view = try await server.connected { client, _ in
            try await client.reviewAccess(id, AccessReviewBody(verdict: verdict, note: note))
        }
        try output.print(view) { view.text }
        if let text = view.flaggedText { Console.note(text) }
    }
}

extension AccessVerdict: EnumerableFlag {}
