// SPDX-License-Identifier: Apache-2.0

import AuditLog

/// Columns for people, aligned, two spaces apart. Whatever a cell holds, it stays within its line and moves no cursor.
package struct TextTable: Sendable {
    private let rows: [[String]]

    package init(header: [String], rows: [[String]]) {
        self.rows = [header] + rows
    }

    /// Facts: a name and a value in each line.
    package init(_ facts: KeyValuePairs<String, String?>) {
        rows = facts.compactMap { name, value in value.map { [name, $0] } }
    }

    /// Every line with its end.
    package var text: String {
        let cells = rows.map { $0.map { TerminalText.text($0) } }
        let columns = cells.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            cells.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
        }
        return cells.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
