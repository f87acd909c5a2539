// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import Policies
import SSHCertificates
import ServiceAPI

struct SSH: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Get a certificate for one host and login, then become ssh.",
        discussion: """
            Where others must agree first, or a reason or a ticket is wanted, it says what to type, and on a terminal asks.

            EXAMPLE:
              mayfly ssh deploy@web1.example.com --reason "INC-7" -- uptime
            """)

    @Argument(help: ArgumentHelp("Where to, as ssh takes it.", valueName: "[user@]host"))
    var destination: String

    @Option(help: "The role to take; by default the one with the fewest rights that reaches the host.")
    var role: String?

    @Option(help: "Why; some rules ask for it.")
    var reason: String?

    @Option(help: "The ticket that asks for it; some rules want one.")
    var ticket: String?

    @Option(help: "The grant to use; by default whichever permits it.")
    var grant: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "How long to ask for where others must agree; by default as long as one certificate.", valueName: "duration"),
        transform: { try PolicyDuration.parse($0) })
    var duration: Duration?

    @OptionGroup var server: ServerOptions

    @Argument(parsing: .postTerminator, help: ArgumentHelp("For ssh.", valueName: "ssh-argument"))
    var arguments: [String] = []

    func run() async throws {
        let resolved = try await SSHDestination.resolve(destination, arguments: arguments)
        let files = try await Justification(reason: reason, ticket: ticket).asked { justification in
            do {
                return try await credential(for: resolved, justification)
            } catch ClientError.problem(let problem) where problem.kind == .approvalNeeded {
                try await ask(resolved, problem, justification)
                return try await credential(for: resolved, justification)
            }
        }
        let hostCA = try server.state().authorities().sshHostCA
        try ChildProgram.become(
            "ssh", files.sshArguments(destination: destination, resolved: resolved, hostCA: hostCA, arguments))
    }

    private func credential(
        for destination: SSHDestination, _ justification: Justification
    ) async throws -> SSHCredentialFiles {
        let cache = SSHCredentialCache(try server.state())
        return try await cache.alone(with: destination, role: role) {
            let (files, isValid) = try cache.prepare(for: destination, role: role, now: Date())
            if isValid, let grant = cache.grant(of: files), await isOver(grant: grant) { cache.forget(grant: grant) }
            if !isValid || !AtomicFile.exists(files.path) { try await issue(destination, files, justification) }
            return files
        }
    }

    /// What others gave they may have taken back meanwhile, and servers refuse its certificate. Where the CA cannot be asked, that is
    /// found out at the server.
    private func isOver(grant: String) async -> Bool {
        let state = try? await server.connected { client, _ in try await client.access(grant).access.state }
        return state.map { $0 != "active" } ?? false
    }

    /// Asks those who must agree, and waits for them; where nobody is at a terminal, says how to ask.
    private func ask(
        _ destination: SSHDestination, _ problem: Problem, _ justification: Justification
    ) async throws {
        guard let needed = problem.approval else { throw ClientError.problem(problem) }
        let seconds = duration.map { Int($0.components.seconds) } ?? min(needed.lifetime, needed.duration)
        let missing = ApprovalMissing(problem: problem, needed: needed, seconds: seconds, destination: destination)
        guard !needed.breakGlass else { throw missing }
        let view = try await server.connected { client, _ in
            let asked: AccessView
            if let earlier = try await waiting(for: destination, as: needed.role, client) {
                let question =
                    "mayfly: you asked for role `\(TerminalText.word(needed.role))` already. Wait for it? Type yes or no:"
                guard Terminal.confirms(question) == true else { throw missing }
                asked = earlier
            } else {
                guard let body = body(for: destination, needed, seconds, justification) else { throw missing }
                asked = try await client.ask(body)
            }
            return try await AccessWait(client: client).decision(on: asked)
        }
        Console.note(view.outcomeText)
        try view.exitUnlessGiven()
    }

    /// One's own request that waits and would give this now: an approval of what begins later connects nobody.
    private func waiting(
        for destination: SSHDestination, as role: String, _ client: APIClient
    ) async throws -> AccessView? {
        try await client.accessRequests(onlyOwn: true, onlyOpen: true, limit: 100).first { view in
            view.state == "pending" && view.starts ?? .distantPast <= Date() && view.role == role
                && view.host ?? destination.host == destination.host
                && view.logins?.contains(destination.login) ?? true
        }
    }

    /// nil: they do not want to, or nobody is there to ask.
    private func body(
        for destination: SSHDestination, _ needed: NeededApproval, _ seconds: Int, _ justification: Justification
    ) -> AccessRequestBody? {
        let question =
            "mayfly: role `\(TerminalText.word(needed.role))` needs approval. Ask for it now, for "
            + "\(PolicyDuration.text(.seconds(seconds)))? Type yes or no:"
        guard Terminal.confirms(question) == true else { return nil }
        guard let why = justification.reason ?? Terminal.answer(to: "mayfly: why?"), !why.isEmpty else { return nil }
        return AccessRequestBody(
            role: needed.role, host: destination.host, logins: [destination.login], duration: seconds, reason: why,
            ticket: justification.ticket)
    }

    private func issue(
        _ destination: SSHDestination, _ files: SSHCredentialFiles, _ justification: Justification
    ) async throws {
        let key = OpenSSHPrivateKey(generating: .ed25519)
        let request = SSHCertificateRequest(
            role: role, publicKey: try key.publicKey.authorizedKey(), host: destination.host, logins: [destination.login],
            reason: justification.reason, ticket: justification.ticket, grant: grant)
        let issued = try await server.connected { client, _ in try await client.issueSSH(request) }
        let certificate = try SSHCertificate(issued: issued.certificate, for: key.publicKey)
        Console.note(
            "role \(TerminalText.word(issued.role)), rule \(TerminalText.word(issued.rule)), until \(issued.validBefore.text)")
        let comment = "mayfly \(issued.role)"
        try files.write(key, comment: comment, for: .owner)
        try SSHCredentialFiles.write(certificate, comment: comment, to: files.certificatePath, for: .owner)
    }
}

/// Others must agree first: what to type to ask them.
private struct ApprovalMissing: ExplainedError {
    let problem: Problem
    let needed: NeededApproval
    /// How long to ask for.
    let seconds: Int
    let destination: SSHDestination

    var description: String { ClientError.problem(problem).description }
    var details: [String] { ClientError.problem(problem).details }
    var exitCode: Int32 { 3 }

    var hint: String? {
        let glass = needed.breakGlass ? " --break-glass" : ""
        let command =
            "mayfly request \(TerminalText.word(needed.role))\(glass) --host \(destination.host) --login \(destination.login) "
            + "--for \(PolicyDuration.text(.seconds(seconds))) --reason …"
        return "ask with `\(command)`"
    }
}
