// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import SSHCertificates

struct Logout: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End the session, and forget what was fetched with it.",
        discussion: """
            Certificates already issued stay valid until they end; those in ssh-agent are removed from it.

            EXAMPLE:
              mayfly logout
            """)

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let state = try server.state()
        defer {
            for path in state.endSession() { Console.note("`\(path)` cannot be removed") }
        }
        if let left = await state.emptyAgent(environment: ProcessInfo.processInfo.environment) { Console.note(left) }
        do {
            try await server.connected { client, _ in try await client.endSession() }
        } catch ClientError.notLoggedIn {
            Console.note("you were not logged in to \(state.address.url)")
        } catch ClientError.sessionExpired(_, let end) {
            Console.note("the session with \(state.address.url) had ended at \(end.text)")
        } catch {
            let end = try? state.session(now: Date()).expiresAt
            Console.note(
                "forgotten here, but not ended at the server" + (end.map { "; it ends by itself at \($0.text)" } ?? ""))
            throw error
        }
    }
}
