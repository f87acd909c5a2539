// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import SSHCertificates
import ServiceAPI

struct SSH: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Get a certificate for one host and login, then become ssh.",
        discussion: """
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

    @OptionGroup var server: ServerOptions

    @Argument(parsing: .postTerminator, help: ArgumentHelp("For ssh.", valueName: "ssh-argument"))
    var arguments: [String] = []

    func run() async throws {
        let resolved = try await SSHDestination.resolve(destination, arguments: arguments)
        let cache = SSHCredentialCache(try server.state())
        let files = try await cache.alone(with: resolved, role: role) {
            let (files, isValid) = try cache.prepare(for: resolved, role: role, now: Date())
            if !isValid { try await issue(resolved, files) }
            return files
        }
        let hostCA = try server.state().authorities().sshHostCA
        try ChildProgram.become(
            "ssh", files.sshArguments(destination: destination, resolved: resolved, hostCA: hostCA, arguments))
    }

    private func issue(_ destination: SSHDestination, _ files: SSHCredentialFiles) async throws {
        let key = OpenSSHPrivateKey(generating: .ed25519)
        let request = SSHCertificateRequest(
            role: role, publicKey: try key.publicKey.authorizedKey(), host: destination.host, logins: [destination.login],
            reason: reason, ticket: ticket)
        let issued = try await server.connected { client, _ in try await client.issueSSH(request) }
        let certificate = try SSHCertificate(issued: issued.certificate, for: key.publicKey)
        Console.note(
            "role \(TerminalText.word(issued.role)), rule \(TerminalText.word(issued.rule)), until \(issued.validBefore.text)")
        let comment = "mayfly \(issued.role)"
        try files.write(key, comment: comment, for: .owner)
        try SSHCredentialFiles.write(certificate, comment: comment, to: files.certificatePath, for: .owner)
    }
}
