// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import ServiceAPI

struct Done: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a grant back, or withdraw a request.",
        discussion: """
            Every certificate that was issued under the grant is revoked.

            EXAMPLE:
              mayfly done
            """)

    @Argument(help: "The grant or request; the only open one of yours by default.")
    var grant: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let view = try await server.connected { client, state in
            let id = try await client.ownGrant(grant, inState: ["active", "approved", "scheduled", "pending"])
            if try await client.access(id).access.state == "active" {
                let ended = try await client.endGrant(id).access
                SSHCredentialCache(state).forget(grant: id)
                return ended
            }
            return try await client.cancelAccess(id)
        }
        try output.print(view) { view.text }
    }
}
