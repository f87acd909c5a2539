// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
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
            let asked = try await Justification(reason: reason, ticket: ticket).asked {
                try await client.requestAccess(body($0))
            }
            guard wait, asked.state == "pending" else { return asked }
            Console.note(asked.waitingText)
            return try await AccessWait(client: client).decision(on: asked)
        }
        try output.print(view) { view.text }
        if view.state == "pending" { Console.note(view.waitingText) }
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

extension AccessView {
    /// `waits for 1 of group `sre-leads`; ask ana@example.com or bo@example.com`.
    var waitingText: String {
        let step = steps.first { !$0.isDone }.map { TerminalText.text($0.approvers) } ?? "others"
        let people = canDecide.isEmpty ? "" : "; that is " + canDecide.map(TerminalText.word).joined(separator: ", ")
        return "\(id) waits for \(step)\(people)"
    }

    /// `k3x7mw2p4qza is denied by lea@example.com: use the replica`.
    var outcomeText: String {
        let by = closed?.by.map { " by " + TerminalText.word($0) } ?? ""
        let why = closed?.note.map { ": " + TerminalText.text($0) } ?? ""
        return "\(id) is \(TerminalText.word(state))\(by)\(why)"
    }

    /// Exit status 3 while it waits, 2 when it was denied, 1 when nothing came of it.
    func exitUnlessGiven() throws {
        switch state {
        case "approved", "scheduled", "active": return
        case "pending": throw ExitCode(3)
        case "denied", "revoked": throw ExitCode(2)
        default: throw ExitCode.failure
        }
    }
}
