// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

extension EnforcementWatch.Progress {
    /// `198 of 200 hosts enforce list 17, 3 sessions ended, 1 still open`.
    var line: String {
        var parts = ["\(list.enforcing) of \(list.hosts) hosts enforce list \(list.version)"]
        if list.checked < list.watching { parts.append("\(list.watching - list.checked) still look at their sessions") }
        if !ended.isEmpty { parts.append("\(ended.count) session\(ended.count == 1 ? "" : "s") ended") }
        if !open.isEmpty { parts.append("\(open.count) still open") }
        return parts.joined(separator: ", ")
    }

    /// What is left to say when it is over, a line each.
    /// - Parameter end: when the last of the certificates expires.
    func remarks(exposedUntil end: Date?) -> [String] {
        var lines = list.stale.prefix(Self.mostNamed).map { host in
            "stale: \(TerminalText.word(host.host)) "
                + (host.version.map { "enforces list \($0)" } ?? "enforces no list")
                + (host.reportedAt.map { ", reported \($0.text)" } ?? ", never reported")
        }
        if list.staleCount > lines.count { lines.append("stale: \(list.staleCount - lines.count) more") }
        if list.staleCount > 0, let end { lines.append("where it is not enforced, exposure ends by expiry at \(end.text)") }
        if list.hosts > 0, list.watching == 0 { lines.append("no host looks at its open sessions") }
        return lines
    }

    private static let mostNamed = 10
}

extension [HostSessionSummary] {
    var table: TextTable {
        TextTable(
            header: ["SESSION ON", "ACCOUNT", "FROM", "SERIAL", "OUTCOME", "AT"],
            rows: map { line in
                [
                    TerminalText.word(line.host), TerminalText.word(line.session.login),
                    line.session.address.map(TerminalText.word) ?? "?", line.session.serial.map(TerminalText.word) ?? "?",
                    line.session.text, line.session.at.text,
                ]
            })
    }
}

extension ReportedSession {
    /// What became of it, and until when it may last.
    fileprivate var text: String {
        switch outcome {
        case .ended: "ended: \(TerminalText.text(reason))"
        case .killed: "killed: \(TerminalText.text(reason))"
        case .gone: "gone"
        case .notEnded, .undetermined:
            "STILL OPEN, \(lastsUntil.map { "until \($0.text)" } ?? "until it is left"): \(TerminalText.text(reason))"
        }
    }
}
