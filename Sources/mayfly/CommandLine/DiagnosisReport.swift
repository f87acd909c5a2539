// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client

/// Checks as a person reads them, or in JSON.
struct DiagnosisReport: Encodable {
    let checks: [DiagnosisCheck]

    private var hasProblem: Bool { checks.contains { $0.outcome == .problem } }

    /// - Throws: exit status 1 when there is a problem.
    func print(_ output: OutputOptions) throws {
        try output.print(self) { text }
        if hasProblem { throw ExitCode(1) }
    }

    private var text: String {
        let width = checks.map(\.check.count).max() ?? 0
        return checks.map { check in
            let outcome = check.outcome.rawValue
            let start = outcome + String(repeating: " ", count: 9 - outcome.count)
            let name = check.check + String(repeating: " ", count: width - check.check.count + 2)
            let indent = String(repeating: " ", count: 9 + width + 2)
            // Findings list what files hold.
            let lines = [start + name + TerminalText.text(check.finding, limit: 4096)]
            return (lines + (check.mend.map { [indent + "mend: " + TerminalText.text($0, limit: 4096)] } ?? []))
                .map { $0 + "\n" }.joined()
        }.joined()
    }
}

extension DiagnosisReport {
    enum CodingKeys: String, CodingKey { case checks }
}
