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
        await emptyAgent(state)
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

    /// What has expired the agent dropped itself. What it does not give up is tried again at the next logout.
    private func emptyAgent(_ state: ServerState) async {
        let blobs = state.agentBlobs()
        guard !blobs.isEmpty else { return }
        do {
            let agent = try SSHAgentConnection(environment: ProcessInfo.processInfo.environment)
            for blob in blobs { try? await agent.remove(blob: Array(blob)) }
            let held = try await agent.identities().map { Data($0.blob) }
            let left = blobs.filter(held.contains)
            try state.remember(agentBlobs: left)
            if !left.isEmpty { Console.note("ssh-agent keeps \(left.count) of the certificates it was given, until they end") }
        } catch {
            Console.note("ssh-agent was not asked to forget \(blobs.count) certificates: \(error)")
        }
    }
}
