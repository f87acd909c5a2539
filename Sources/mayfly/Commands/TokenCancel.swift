// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import ServiceAPI

struct TokenCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Have a token that nobody used taken no more.",
        discussion: """
            What came of one that was used ends with `mayfly revoke --enrolment`, a host with `mayfly host remove`.

            EXAMPLE:
              mayfly token cancel 5f1c0e6bb0d14a3f --reason "mailed to a list"
            """)

    @Argument(help: "Its id, as `mayfly token list` and the audit log say it.")
    var id: String

    @Option(help: "Why.")
    var reason: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let cancelled = try await server.connected { client, _ in
            try await client.cancelEnrolmentToken(EnrolmentTokenCancellation(id: id, reason: reason))
        }
        try output.print(cancelled) {
            TextTable([
                "cancelled": cancelled.id, "role": cancelled.role, "for": cancelled.whom, "made by": cancelled.createdBy,
                "would have ended": cancelled.expiresAt.text,
            ]).text
        }
    }
}
