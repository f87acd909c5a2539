// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

struct PolicyReload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Let the server read its policies again.",
        discussion: """
            The server does this by itself when they change. It takes all of them or none: when they are refused, the reason is
            shown and the old ones stay.

            EXAMPLE:
              mayfly policy reload
            """)

    @Flag(help: "Go back on purpose: take also a commit that does not come after the one that is live.")
    var allowOlder = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await server.connected { client, _ in
            try await client.reloadPolicies(PolicyReloadRequest(allowOlder: allowOlder ? true : nil))
        }
        try output.print(status) {
            TextTable([
                "policies": status.policyDigest, "live since": status.policyLoadedAt.text,
                "commit": status.policyCommit.map { TerminalText.word($0) },
                "signed by": status.policySigner.map { TerminalText.text($0) },
            ]).text
        }
    }
}
