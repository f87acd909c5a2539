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
        abstract: "Let hosts and machines in.",
        discussion: """
            EXAMPLE:
              mayfly token create --role web-host --host web1.example.com --out web1.token
            """,
        subcommands: [TokenCreate.self, TokenList.self, TokenCancel.self])
}

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token with which one host or one machine can enrol, once.",
        discussion: """
            With `--host` an SSH host (`mayfly host enroll`); with `--name` a machine that gets an X.509 certificate \
            (`mayfly issue x509 --enrol-token`).

            EXAMPLE:
              mayfly token create --role web-host --host web2.example.com --expires 2h \\
                --out web2.token
              mayfly token create --role web-server --name app.example.com --out app.token
            """)

    @Option(help: "The role the host or the machine will take.")
    var role: String

    @Option(help: "The name of a host, or a pattern such as web*.example.com for the first of these that comes.")
    var host: String?

    @Option(
        name: .customLong("name"),
        help: "A DNS name or an address of a machine, or a pattern; may be repeated.")
    var names: [String] = []

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
        guard (host == nil) != names.isEmpty else {
            throw ValidationError("name a host with --host, or a machine with --name")
        }
        guard out != nil || show || isatty(STDOUT_FILENO) == 0 else {
            throw ValidationError("a token is a secret: name a file with --out, or add --show")
        }
    }

    func run() async throws {
        let request = EnrolmentTokenRequest(
            role: role, host: host, names: names.isEmpty ? nil : names, lifetime: expires.map { Int($0.components.seconds) })
        let created = try await server.connected { client, _ in try await client.createEnrolmentToken(request) }
        if let out {
            try AtomicFile.write(created.token + "\n", to: out)
            try output.print(Result(created, file: out)) { out + "\n" }
        } else {
            try output.print(created) { created.token + "\n" }
        }
        let whom = tokenText(names: created.names, host: created.host)
        Console.note("token \(TerminalText.word(created.id)) lets \(whom) in once, until \(created.expiresAt.text)")
    }

    /// Without the secret, which is in the file.
    private struct Result: Encodable {
        let id: String
        let role: String
        let host: String?
        let names: [String]?
        let expiresAt: Date
        let file: String

        init(_ created: EnrolmentTokenReply, file: String) {
            id = created.id
            role = created.role
            host = created.host
            names = created.names
            expiresAt = created.expiresAt
            self.file = file
        }
    }
}
