// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Client

struct TextTableTests {
    @Test func `columns are aligned`() {
        let table = TextTable(header: ["ROLE", "GIVES"], rows: [["lab", "ssh"], ["lab-database", "x509"]])
        #expect(table.text == "ROLE          GIVES\nlab           ssh\nlab-database  x509\n")
    }

    @Test func `facts without a value are left out`() {
        #expect(TextTable(["user": "ana", "login": nil, "from": "ssh"]).text == "user  ana\nfrom  ssh\n")
    }

    @Test(arguments: ["\u{1b}[2J", "a\nb", "a\rb", "\u{202e}abc", "\u{7f}", "\u{9b}1m"])
    func `nothing from outside controls the terminal or begins a line`(_ text: String) {
        let table = TextTable(header: ["A", "B"], rows: [[text, "x"]]).text
        #expect(table.split(separator: "\n", omittingEmptySubsequences: false).count == 3)
        #expect(table.unicodeScalars.allSatisfy { $0 == "\n" || ("\u{20}"..."\u{7e}").contains($0) })
    }
}
