// SPDX-License-Identifier: Apache-2.0

/// Assembles replies from the bytes of a server, which are hostile until TLS and untrusted after.
struct SMTPReplyReader {
    /// RFC 5321 §4.5.3.1.5 asks for 512 bytes; servers send somewhat more.
    private static let maximumLineBytes = 2048
    private static let maximumLines = 64

    private var line: [UInt8] = []
    private var lines: [String] = []
    private var code: Int?

    /// The reply that `bytes` complete, or nil while it goes on.
    /// - Throws: also when there is anything after it: we never send a command before we have the last reply, so whatever comes
    ///   too early was not said in answer to us (the injection into STARTTLS of CVE-2011-0411).
    mutating func read(_ bytes: some Sequence<UInt8>) throws(DeliveryProblem) -> SMTPReply? {
        var complete: SMTPReply?
        for byte in bytes {
            guard complete == nil else { throw .malformedReply }
            if byte == UInt8(ascii: "\n") {
                complete = try endLine()
            } else {
                guard line.count < Self.maximumLineBytes else { throw .malformedReply }
                line.append(byte)
            }
        }
        return complete
    }

    private mutating func endLine() throws(DeliveryProblem) -> SMTPReply? {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        defer { line = [] }
        let digits = line.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(String(decoding: digits, as: UTF8.self)), (200..<600).contains(number),
            code == nil || code == number,
            lines.count < Self.maximumLines
        else { throw .malformedReply }
        let separator = line.dropFirst(3).first
        guard separator == nil || separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-") else {
            throw .malformedReply
        }
        lines.append(String(decoding: line.dropFirst(4), as: UTF8.self))
        code = number
        guard separator != UInt8(ascii: "-") else { return nil }
        defer {
            lines = []
            code = nil
        }
        return SMTPReply(code: number, lines: lines)
    }
}
