// SPDX-License-Identifier: Apache-2.0

import AuditLog

/// Columns for people, aligned, two spaces apart. Whatever a cell holds, it stays within its line and moves no cursor.
package struct TextTable: Sendable {
    private let rows: [[String]]

    package init(header: [String], rows: [[String]]) {
        self.rows = ([header] + rows).map { $0.map { TerminalText.text($0) } }
    }

    /// Facts: a name and a value in each line.
    package init(_ facts: KeyValuePairs<String, String?>) {
        self.init(facts.map { Fact($0, $1) })
    }

    package init(_ facts: [Fact]) {
        rows = facts.flatMap { fact in
            fact.values.enumerated().map { [$0 == 0 ? fact.name : "", TerminalText.text($1, limit: Fact.maximumCharacters)] }
        }
    }

    /// A name, and a line for each value; none without a value.
    package struct Fact: Sendable {
        let name: String
        let values: [String]

        /// More than any value has that the authority takes: what somebody signs is not cut off.
        static let maximumCharacters = 4096

        package init(_ name: String, _ value: String?) {
            self.init(name, value.map { [$0] } ?? [])
        }

        package init(_ name: String, _ values: [String]) {
            (self.name, self.values) = (name, values)
        }
    }

    /// Every line with its end.
    package var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
