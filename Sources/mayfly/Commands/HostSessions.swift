// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client

struct HostSessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "List the SSH sessions that certificates opened on this host.",
        discussion: """
            EXAMPLE:
              mayfly host sessions
            """)

    @OptionGroup var sessions: OpenSessionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let found = try await sessions.sessions()
        try output.print(Document(sessions: found.map(SessionDocument.init))) {
            TextTable(
                header: ["PROCESS", "LOGIN", "FROM", "SINCE", "SERIAL", "EXPIRES", "EVIDENCE", "KEY ID"],
                rows: found.map { session in
                    let certificate = session.certificates.first
                    return [
                        "\(session.process.number)", session.login, session.peer?.address ?? "?", session.since.text,
                        certificate.map { "\($0.serial)" } ?? "?", certificate?.expires?.text ?? "?",
                        session.evidence?.rawValue ?? "none", certificate?.keyID ?? "?",
                    ]
                }
            ).text
        }
        for session in found {
            if let doubt = session.doubt { Console.note("\(TerminalText.text(session.title)): \(TerminalText.text(doubt))") }
        }
    }

    private struct Document: Encodable {
        let sessions: [SessionDocument]
    }
}
