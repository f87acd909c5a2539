// SPDX-License-Identifier: Apache-2.0

/// RFC 5321 §4.2: a code of three digits and one line of text or more.
struct SMTPReply: Sendable, Equatable {
    let code: Int
    let lines: [String]

    /// For people: the first line, printable ASCII alone.
    var text: String {
        String(decoding: (lines.first ?? "").utf8.prefix(200).map { (0x20...0x7e).contains($0) ? $0 : 0x20 }, as: UTF8.self)
    }

    /// Whether the reply to EHLO lists the keyword, with all these parameters.
    func offers(_ keyword: String, _ parameter: String? = nil) -> Bool {
        lines.dropFirst().contains { line in
            let words = line.uppercased().split(separator: " ")
            guard words.first == keyword[...] else { return false }
            return parameter.map { wanted in words.dropFirst().contains(wanted[...]) } ?? true
        }
    }
}
