// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import Glibc
import Policies
import ServiceAPI

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let hosts in.",
        discussion: """
            EXAMPLE:
              mayfly token create --role web-host --host web1.example.com --out web1.token
            """,
        subcommands: [TokenCreate.self])
}

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token with which one host can enrol, once.",
        discussion: """
            EXAMPLE:
              mayfly token create --role web-host --host web2.example.com --expires 2h \\
                --out web2.token
            """)

    @Option(help: "The role the host will take.")
    var role: String

    @Option(help: "Its name, or a pattern such as web*.example.com for the first of these that comes.")
    var host: String

    @Option(
        help: ArgumentHelp("How long it waits to be used; 1h by default.", valueName: "duration"),
        transform: { try PolicyDuration.parse($0) })
    var expires: Duration?

    @Option(help: ArgumentHelp("A file for the token that only you can read.", valueName: "file"))
    var out: String?

    @Flag(help: "Print the token even on a terminal.")
    var show = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard out != nil || show || isatty(STDOUT_FILENO) == 0 else {
            throw ValidationError("a token is a secret: name a file with --out, or add --show")
        }
    }

    func run() async throws {
        let request = EnrolmentTokenRequest(
            role: role, host: host, lifetime: expires.map { Int($0.components.seconds) })
        let created = try await server.connected { client, _ in try await client.createEnrolmentToken(request) }
        if let out {
            try AtomicFile.write(created.token + "\n", to: out)
            try output.print(Result(created, file: out)) { out + "\n" }
        } else {
            try output.print(created) { created.token + "\n" }
        }
        Console.note(
            "token \(TerminalText.word(created.id)) lets \(TerminalText.word(created.host)) in once, until \(created.expiresAt.text)"
        )
    }

    /// Without the secret, which is in the file.
    private struct Result: Encodable {
        let id: String
        let role: String
        let host: String
        let expiresAt: Date
        let file: String

        init(_ created: EnrolmentTokenReply, file: String) {
            id = created.id
            role = created.role
            host = created.host
            expiresAt = created.expiresAt
            self.file = file
        }

        enum CodingKeys: String, CodingKey {
            case id, role, host, file
            case expiresAt = "expires_at"
        }
    }
}
