// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import ArgumentParser
import Client
import FoundationEssentials
import Policies
import ServiceAPI

struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Agree to what somebody asked for, signed with your SSH key.",
        discussion: """
            You sign the digest of the exact request, and what you give less than asked.

            All that is signed is shown first, and on a terminal you are asked whether to.

            EXAMPLE:
              mayfly approve k3x7mw2p4qza --for 30m --note "until the fix is out"
            """)

    @Argument(help: "Its id, as `mayfly requests` shows it.")
    var id: String

    @Option(
        name: .customLong("for"), help: ArgumentHelp("For less time than asked.", valueName: "duration"),
        transform: { try PolicyDuration.parse($0) })
    var duration: Duration?

    @Option(help: "For this one host of those asked for.")
    var host: String?

    @Option(help: "For the record.")
    var note: String?

    @Option(help: ArgumentHelp("The key to sign with; ssh-agent and ~/.ssh by default.", valueName: "file"))
    var sshKey: String?

    @Flag(help: "Do not ask whether to.")
    var yes = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let view = try await server.connected { client, state in
            guard let user = try state.identity().user else { throw ValidationError("a workload approves nothing") }
            let history = try await client.access(id).history(of: id)
            Console.draw(text(of: history))
            if !yes, Terminal.confirms("mayfly: approve this? Type yes or no:") == false {
                Console.note("nothing is approved")
                throw ExitCode.failure
            }
            return try await AccessApprover(client: client, approver: user).approve(
                history.request, duration: seconds, host: host, note: note,
                signers: try await signers())
        }
        try output.print(view) { view.text }
        if view.state == "pending" { Console.note(view.waitingText()) }
    }

    private var seconds: Int? { duration.map { Int($0.components.seconds) } }

    /// What is about to be signed, and who signed before.
    private func text(of history: AccessHistory) -> String {
        let given = givenText(duration: seconds, host: host)
        return TextTable(
            [.init("request", id)] + history.request.facts + [
                .init("approved by", history.approvals.map(\.text)), .init("given so far", history.givenText),
                .init("you give", given ?? "as asked"),
                .init("note", note),
                .init("digest", history.request.digest),
            ]
        ).text
    }

    /// Nobody has to have a key: whether one is needed, the server says.
    private func signers() async throws -> [LoginSigner] {
        do {
            return try await LoginSigner.candidates(keyFile: sshKey, environment: ProcessInfo.processInfo.environment)
        } catch ClientError.noSigningKey {
            return []
        }
    }
}
