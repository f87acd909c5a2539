// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import SSHCertificates

struct HostEndSessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end-sessions", abstract: "End the SSH sessions whose certificate was revoked.",
        discussion: """
            sshd looks at a certificate once, at the login. This looks once at every session that is open, warns those that \
            expire within two minutes, and exits with 1 if one could not be ended or nothing proves its certificate.

            EXAMPLE:
              mayfly host end-sessions --krl /etc/ssh/mayfly/revoked.krl --expired
            """)

    @Option(help: ArgumentHelp("The key revocation list.", valueName: "file"))
    var krl: String

    @Flag(help: "Also end sessions of roles with `end_session_at_expiry` whose certificate has expired.")
    var expired = false

    @OptionGroup var sessions: OpenSessionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let revocations = try KeyRevocationList(sshdFile: krl)
        let now = Date()
        let outcomes = await SessionEnder().pass(
            over: try await sessions.sessions(revocations: revocations), revocations: revocations, endsExpired: expired,
            now: now)
        let document = Document(outcomes: outcomes.map(Outcome.init), nextPass: outcomes.nextPass(after: now))
        try output.print(document) {
            TextTable(
                header: ["PROCESS", "LOGIN", "SERIAL", "OUTCOME"],
                rows: outcomes.map { outcome in
                    [
                        "\(outcome.session.process.number)", outcome.session.login,
                        outcome.session.certificates.first.map { "\($0.serial)" } ?? "?", outcome.fate.text,
                    ]
                }
            ).text
        }
        if outcomes.contains(where: \.fate.isProblem) { throw ExitCode(1) }
    }

    private struct Document: Encodable {
        let outcomes: [Outcome]
        let nextPass: Date?
    }

    private struct Outcome: Encodable {
        let session: SessionDocument
        let outcome: String
        let reason: String?
        let lastsUntil: Date?
        let warned: Bool

        init(_ outcome: SessionOutcome) {
            session = SessionDocument(outcome.session)
            warned = outcome.wasWarned
            switch outcome.fate {
            case .stays(let limit):
                self.outcome = "stays"
                reason = limit == .unknown ? "its certificate could not be read, so nothing tells when it ends" : nil
                lastsUntil = if case .until(let end) = limit { end } else { nil }
            case .ended(let cause, let forced):
                self.outcome = forced ? "killed" : "ended"
                reason = cause.description
                lastsUntil = nil
            case .notEnded(let cause):
                self.outcome = "not-ended"
                reason = cause.description
                lastsUntil = nil
            case .undetermined(let doubt):
                self.outcome = "undetermined"
                reason = doubt
                lastsUntil = nil
            }
        }
    }
}

extension SessionOutcome.Fate {
    fileprivate var isProblem: Bool {
        switch self {
        case .stays, .ended: false
        case .notEnded, .undetermined: true
        }
    }

    fileprivate var text: String {
        switch self {
        case .stays(.none): "stays"
        case .stays(.until(let end)): "stays until \(end.text)"
        case .stays(.unknown): "stays; its expiry is not known"
        case .ended(let reason, let forced): (forced ? "killed: " : "ended: ") + reason.description
        case .notEnded(let reason): "STILL OPEN: " + reason.description
        case .undetermined(let doubt): "STILL OPEN: " + doubt
        }
    }
}
