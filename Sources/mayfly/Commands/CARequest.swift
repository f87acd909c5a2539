// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import ServiceAPI

struct CARequest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Make a key for the next issuing CA; its public half goes to the root.",
        discussion: """
            Whoever has the root key makes the certificate with `mayfly ca sign`; `mayfly ca rotate issuing prepare` brings it \
            back. Needs the capability keys.rotate.

            EXAMPLE:
              mayfly ca request > issuing.pub
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let made = try await server.connected { client, _ in try await client.requestIssuingKey() }
        try output.print(made) { made.publicKey }
    }
}
