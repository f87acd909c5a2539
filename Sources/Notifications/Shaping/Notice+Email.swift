// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

extension Notice {
    /// A message of RFC 5322 with CRLF line ends: plain text in UTF-8, as base64, so that no line of it is too long or begins
    /// with a dot. Its Message-ID is the same at every attempt.
    package func email(from: MailAddress, to: [MailAddress]) -> [UInt8] {
        let text =
            ([title, ""] + facts.map { "\($0.label): \($0.value)" } + (link.map { ["", $0.text] } ?? []) + [
                "", "-- ", "mayfly, \(time8601)",
            ])
            .map { $0 + "\r\n" }.joined()
        let headers = [
            "From: mayfly <\(from)>",
            // One address on a line: RFC 5322 §2.1.1 allows 998 bytes.
            "To: " + to.map(\.text).joined(separator: ",\r\n "),
            "Subject: " + EncodedWords.header(title, after: "Subject: ".utf8.count),
            "Date: \(date5322)",
            "Message-ID: <\(id)@\(from.domain)>",
            // RFC 3834: nobody's out-of-office answers it.
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ]
        let body = Data(text.utf8).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
        return Array((headers.map { $0 + "\r\n" }.joined() + "\r\n" + body + "\r\n").utf8)
    }

    /// RFC 5322 §3.3, in UTC.
    private var date5322: String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second, .weekday], from: time)
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(days[(parts.weekday ?? 1) - 1]), \(parts.day ?? 1) \(months[(parts.month ?? 1) - 1]) \(parts.year ?? 1970) "
            + "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)) +0000"
    }
}
