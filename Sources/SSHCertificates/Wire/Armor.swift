// SPDX-License-Identifier: Apache-2.0

/// Base64 between a BEGIN and an END line, as OpenSSH writes signatures and private keys.
struct Armor {
    /// What stands in the BEGIN and END lines, such as `SSH SIGNATURE`.
    let label: String

    /// OpenSSH wraps at 70.
    private static let lineLength = 70
    /// Lines up to RFC 4648's 76 characters are read (§3.1, MIME).
    private static let longestLine = 76

    private var begin: String { "-----BEGIN \(label)-----" }
    private var end: String { "-----END \(label)-----" }

    func encode(_ bytes: [UInt8]) -> String {
        var rest = StrictBase64.encode(bytes)[...]
        var text = begin + "\n"
        while !rest.isEmpty {
            text += rest.prefix(Self.lineLength) + "\n"
            rest = rest.dropFirst(Self.lineLength)
        }
        return text + end + "\n"
    }

    /// The bytes, or `nil` if there is anything else than the two lines and canonical base64 in between. All lines but the
    /// last are equally long; only line feeds end lines, and the last of them may be missing.
    func decode(_ text: String) -> [UInt8]? {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count >= 3, let first = lines.first, first.elementsEqual(begin.utf8),
            let last = lines.last, last.elementsEqual(end.utf8)
        else { return nil }
        let body = lines.dropFirst().dropLast()
        guard let length = body.first?.count, (1...Self.longestLine).contains(length),
            body.dropLast().allSatisfy({ $0.count == length }),
            let tail = body.last, (1...length).contains(tail.count)
        else { return nil }
        return StrictBase64.decode(body.joined())
    }
}
