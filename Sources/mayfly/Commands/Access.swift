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
        abstract: "Look into an access request, or into who has access at all.",
        discussion: """
            EXAMPLE:
              mayfly access show k3x7mw2p4qza
            """,
        subcommands: [AccessShow.self, AccessReviewCommand.self])
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
        let history = try detail.history(of: id)
        try output.print(detail) { text(detail, history) }
    }

    private func text(_ detail: AccessDetail, _ history: AccessHistory) -> String {
        var text = TextTable(
            [.init("id", id), .init("state", detail.access.stateText())] + history.request.facts + detail.access.standing + [
                .init("how it ended", ending(detail.access, history)), .init("used at", use(detail)),
                .init("each approved the other", mutual(detail)),
            ]
        ).text
        let rows =
            history.approvals.map(row)
            + [history.approvingRule.map { ["rule \($0)", history.approvedAt?.text ?? "", "", "by itself"] }].compactMap(\.self)
        text += table(["APPROVED BY", "AT", "GAVE", "SIGNED BY", "NOTE"], rows)
        text += "\n" + detail.events.compactMap { try? AuditEvent(canonical: Array($0.utf8)).summary + "\n" }.joined()
        let certificates = detail.certificates.map { certificate in
            [
                certificate.kind.rawValue, certificate.serial, certificate.names.joined(separator: ", "),
                certificate.validAfter.text, certificate.validBefore.text,
                certificate.revokedAt.map { "revoked \($0.text)" + (certificate.revocationReason.map { ": \($0)" } ?? "") }
                    ?? "",
            ]
        }
        text += table(["CERTIFICATE", "SERIAL", "NAMES", "FROM", "UNTIL", "STATE"], certificates)
        return text + (detail.sessions.isEmpty ? "" : "\n" + detail.sessions.table.text)

        func table(_ header: [String], _ rows: [[String]]) -> String {
            rows.isEmpty ? "" : "\n" + TextTable(header: header, rows: rows).text
        }

        func row(_ approval: Approval) -> [String] {
            let signer: String
            do {
                signer = try approval.verifiedSignature(of: history.request)?.key.fingerprint ?? "not signed"
            } catch {
                signer = "SIGNATURE DOES NOT HOLD"
            }
            let given = givenText(duration: approval.duration, host: approval.host) ?? "as asked"
            return [approval.by.user, approval.at.text, given, signer, approval.note ?? ""]
        }
    }

    private func mutual(_ detail: AccessDetail) -> String? {
        guard !detail.mutual.isEmpty else { return nil }
        return detail.mutual.map { other in
            "\(TerminalText.word(other.by)) asked for \(TerminalText.word(other.request)), approved by "
                + "\(TerminalText.word(detail.access.requester)) at \(other.at.text)"
        }.joined(separator: "; ")
    }

    /// nil while it is not over.
    private func ending(_ view: AccessView, _ history: AccessHistory) -> String? {
        let closing = history.closing.map { event in
            " by \(event.by?.user ?? "the authority") at \(event.time.text)" + (event.note.map { ": \($0)" } ?? "")
        }
        guard let state = AccessStatus(rawValue: view.state) else { return nil }
        switch state {
        case .pending, .scheduled, .approved, .active: return nil
        case .ended: return closing.map { "given back" + $0 } ?? history.claim.map { "its time was over at \($0.until.text)" }
        case .revoked: return closing.map { "taken away" + $0 }
        case .denied: return closing.map { "denied" + $0 }
        case .cancelled: return closing.map { "withdrawn" + $0 }
        case .expired: return "not approved before \(history.waitsUntil.text)"
        case .lapsed: return history.lapse.map { "approved, and not used before \($0.text)" }
        case .void: return "these no longer counted as approvers: " + history.lost.sorted().joined(separator: ", ")
        }
    }

    /// Where to look: hosts tell the CA of sessions that ended early or should have, and of no others.
    private func use(_ detail: AccessDetail) -> String {
        guard !detail.certificates.isEmpty else { return "nowhere: no certificate was issued under it" }
        guard detail.certificates.contains(where: { $0.kind == .ssh }) else { return "not known" }
        let place = detail.access.host ?? "the hosts it gives"
        return
            "not known in full: sshd on \(place) logs each login with \"\(detail.access.requester)/\(detail.access.role)/\(id)\","
            + " and `mayfly host sessions` there shows those that are open"
    }
}
