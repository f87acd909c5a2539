// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Record that a certificate is not to be trusted any more.",
        discussion: """
            EXAMPLE:
              mayfly revoke --serial 12 --reason "laptop lost"
            """)

    @Option(help: "Its serial, as `mayfly certificates` shows it.")
    var serial: String

    @Option(help: "ssh, ssh-host, x509 or session, where more than one has this serial.")
    var kind: CertificateKind?

    @Option(help: "Why.")
    var reason: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await server.connected { client, _ in
            try await client.revoke(RevocationRequest(serial: serial, kind: kind, reason: reason))
        }
        try output.print(reply) {
            TextTable([
                "revoked": "\(reply.certificate.kind.rawValue) \(reply.certificate.serial)",
                "user": reply.certificate.user, "role": reply.certificate.role,
                "would have ended": reply.certificate.validBefore.text,
            ]).text
        }
        if let gap = reply.notEnforcedBy { Console.note("not enforced: \(TerminalText.text(gap))") }
    }
}

extension CertificateKind: ExpressibleByArgument {}
