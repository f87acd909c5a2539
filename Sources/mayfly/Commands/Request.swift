// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Policies
import ServiceAPI

struct Request: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask others to agree to access.",
        discussion: """
            Where the rule wants a reason or a ticket, it says so, and on a terminal asks.

            Exit status 3: it waits for approval. With --wait it is 0 once approved, and 2 if denied.

            EXAMPLE:
              mayfly request prod-db --for 1h --reason "INC-7 slow queries"
            """)

    /// What people ask for; the other kinds are the service's own.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case ssh
        case sshHost = "ssh-host"
        case x509

        fileprivate var ofCertificate: CertificateKind {
            switch self {
            case .ssh: .ssh
            case .sshHost: .sshHost
            case .x509: .x509
            }
        }
    }

    @Argument(help: "The role.")
    var role: String

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long you will work, from the first certificate on.", valueName: "duration"),
        transform: { try PolicyDuration.parse($0) })
    var duration: Duration?

    @Option(help: "Why.")
    var reason: String?

    @Option(help: "The ticket that asks for it; some rules want one.")
    var ticket: String?

    @Option(help: "The one host it is for; by default all that the role reaches.")
    var host: String?

    @Option(name: .customLong("login"), help: "A login it is for; by default all of the role.")
    var logins: [String] = []

    @Option(help: "ssh, ssh-host or x509.")
    var kind = Kind.ssh

    @Option(name: .customLong("name"), help: "A name of an X.509 certificate; by default all of the role.")
    var names: [String] = []

    @Option(help: ArgumentHelp("Not before, as 2026-11-23T10:00:00Z.", valueName: "time"))
    var starts: String?

    @Flag(help: "At once, by a rule that has it reviewed afterwards.")
    var breakGlass = false

    @Flag(help: "Wait for the decision.")
    var wait = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let view = try await server.connected { client, _ in
            let asked = try await Justification(reason: reason, ticket: ticket).asked { try await client.ask(body($0)) }
            return wait ? try await AccessWait(client: client).decision(on: asked) : asked
        }
        try output.print(view) { view.text }
        if view.state == "pending" { Console.note(view.waitingText()) }
        try view.exitUnlessGiven()
    }

    private func body(_ justification: Justification) -> AccessRequestBody {
        AccessRequestBody(
            role: role, kind: kind.ofCertificate, host: host, logins: logins.isEmpty ? nil : logins,
            names: names.isEmpty ? nil : names,
            duration: duration.map { Int($0.components.seconds) }, reason: justification.reason,
            ticket: justification.ticket, starts: starts, breakGlass: breakGlass ? true : nil)
    }
}

extension APIClient {
    /// Asks, and says so where it is for less time than was asked.
    func ask(_ body: AccessRequestBody) async throws -> AccessView {
        let asked = try await requestAccess(body)
        if let cut = asked.cutText(of: body.duration) { Console.note(cut) }
        return asked
    }
}
