// SPDX-License-Identifier: Apache-2.0

import AuditLog

extension AccessReview {
    /// The table of rights (RFC 4180), a line each under a header; instants as in the log.
    package var csv: String {
        let header = [
            "who", "provider", "role", "rule", "place", "gives", "through", "conditions", "approval", "break_glass", "unless",
            "status", "last_used", "times", "asked", "grants", "live_certificates", "period_from", "reviewed_at",
        ]
        let rows = rights.map { right in
            [
                right.who, right.provider, right.role, right.rule, right.place, list(right.gives), list(right.through),
                list(right.conditions), right.approval ?? "", right.breakGlass ? "yes" : "no", list(right.unless),
                right.status.rawValue, right.lastUsed.map { AuditTime($0).text } ?? "", "\(right.times)", "\(right.asked)",
                right.grants.joined(separator: " "), "\(right.live)", AuditTime(scope.from).text,
                AuditTime(scope.reviewedAt).text,
            ]
        }
        return CSV.text([header] + rows)
    }

    private func list(_ words: [String]) -> String { words.joined(separator: "; ") }
}

/// Comma-separated values (RFC 4180).
enum CSV {
    static func text(_ rows: [[String]]) -> String {
        rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
    }

    /// A spreadsheet takes a cell that begins with one of these for a formula, and so would run what somebody wrote as a reason.
    private static let formulaStarts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]

    /// Quoted where it must be; what a spreadsheet would compute has an apostrophe before it.
    static func field(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first { $0 != " " }.map { formulaStarts.contains($0) } ?? false
        let guarded = isFormula ? "'" + text : text
        let mustQuote = isFormula || guarded.unicodeScalars.contains { [",", "\"", "\r", "\n", ";"].contains($0) }
        return mustQuote ? "\"" + guarded.replacing("\"", with: "\"\"") + "\"" : guarded
    }
}
