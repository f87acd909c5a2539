// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import AuditLog

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("plain text, ä, 漢字, 🙂", "plain text, ä, 漢字, 🙂"), ("\u{1b}[2J", "\\u{1b}[2J"), ("a\r\nb\tc", "a\\u{d}\\u{a}b\\u{9}c"),
        ("\u{9b}31m", "\\u{9b}31m"), ("\u{7f}", "\\u{7f}"), ("a\u{202e}b\u{2066}c", "a\\u{202e}b\\u{2066}c"),
        ("\u{200b}\u{feff}\u{2028}\u{e0041}", "\\u{200b}\\u{feff}\\u{2028}\\u{e0041}"), ("\\u{1b}", "\\\\u{1b}"),
        ("a\u{a0}b\u{3000}", "a\\u{a0}b\\u{3000}"), ("\u{3164}", "\\u{3164}"), ("\u{e000}\u{ffff}", "\\u{e000}\\u{ffff}"),
    ])
    func `what a terminal would obey or hide is escaped`(text: String, expected: String) {
        #expect(TerminalText.text(text) == expected)
    }

    @Test func `a name cannot look like two columns`() {
        #expect(TerminalText.word("bo  deny") == "bo\\u{20}\\u{20}deny")
    }

    @Test func `long text is cut off visibly`() {
        #expect(TerminalText.text(String(repeating: "a", count: 300)) == String(repeating: "a", count: 256) + "…")
        #expect(TerminalText.text("abc", limit: 3) == "abc")
    }

    @Test func `every character of every summary is visible`() {
        for scalar in (0...0x10ffff).compactMap(Unicode.Scalar.init) where !TerminalText.isVisible(scalar) {
            let nasty = "x" + String(scalar) + "y"
            guard TerminalText.text(nasty).unicodeScalars.allSatisfy(TerminalText.isVisible) else {
                Issue.record("U+\(String(scalar.value, radix: 16)) is shown as it is")
                return
            }
        }
        var event = SampleEvents.all[5]
        event.actor?.user = "\u{1b}]0;x\u{7}"
        event.request?.role = "a\u{202e}\n"
        event.decision?.rule = "\u{9b}2J"
        event.certificate?.serial = "\r12"
        #expect(event.summary.unicodeScalars.allSatisfy(TerminalText.isVisible))
    }
}
