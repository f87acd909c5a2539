// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import SSHCertificates
import ServiceAPI

struct Access: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look into an access request.",
        discussion: """
            EXAMPLE:
              mayfly access show k3x7mw2p4qza
            """,
        subcommands: [AccessShow.self])
}

struct AccessShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a request with its approvals, events and certificates.",
        discussion: """
            The events are leaves of the audit log. Where it stands and who signed is worked out from them here.

            EXAMPLE:
              mayfly access show k3x7mw2p4qza
            """)

    @Argument(help: "Its id, as `mayfly requests` shows it.")
    var id: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let detail = try await server.connected { client, _ in try await client.access(id) }
        guard let history = try? AccessHistory(leaves: detail.events.map { Array($0.utf8) }), history.request.id == id else {
            throw ClientError.unexpectedReply("the events are not those of request `\(id)`")
        }
        try output.print(detail) { text(detail, history) }
    }

    private func text(_ detail: AccessDetail, _ history: AccessHistory) -> String {
        var text = detail.access.text
        let rows =
            history.approvals.map(row)
            + [history.approvingRule.map { ["rule \($0)", history.approvedAt?.text ?? "", "by itself"] }].compactMap(\.self)
        text += "\n" + TextTable(header: ["APPROVED BY", "AT", "SIGNED BY"], rows: rows).text
        text += "\n" + detail.events.compactMap { try? AuditEvent(canonical: Array($0.utf8)).summary + "\n" }.joined()
        let certificates = detail.certificates.map { certificate in
            [
                certificate.kind.rawValue, certificate.serial, certificate.names.joined(separator: ", "),
                certificate.validBefore.text, certificate.revokedAt.map { "revoked \($0.text)" } ?? "",
            ]
        }
        text += "\n" + TextTable(header: ["CERTIFICATE", "SERIAL", "NAMES", "UNTIL", "STATE"], rows: certificates).text
        return text + (detail.sessions.isEmpty ? "" : "\n" + detail.sessions.table.text)

        func row(_ approval: Approval) -> [String] {
            let signer: String
            do {
                signer = try approval.verifiedSignature(of: history.request)?.key.fingerprint ?? "not signed"
            } catch {
                signer = "SIGNATURE DOES NOT HOLD"
            }
            return [approval.by.user, approval.at.text, signer]
        }
    }
}
