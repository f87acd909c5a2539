// SPDX-License-Identifier: Apache-2.0

import Policies

/// Durations as the sources write them: whole seconds, or numbers with units, `1h30m`, `1.5h`, `7d`.
enum GoDuration {
    private static let nanosecondsPerUnit: [String: Int64] = [
        "ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
        "h": 3_600_000_000_000, "d": 86_400_000_000_000,
    ]

    /// Whole seconds, at most `PolicyDuration.longest`. nil: negative, beyond what Go can count, a part of a second, or no
    /// duration.
    static func parse(_ text: String) -> Duration? {
        if let seconds = Int64(text) {
            guard seconds >= 0, text.utf8.first != UInt8(ascii: "+") else { return nil }
            return min(.seconds(seconds), PolicyDuration.longest)
        }
        var total: Int64 = 0
        var rest = text[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(unit.count)
            guard let size = nanosecondsPerUnit[String(unit)], let part = nanoseconds(number, size) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        // Cut to nothing it would count as not said.
        guard total == 0 || total >= 1_000_000_000 else { return nil }
        return min(.seconds(total / 1_000_000_000), PolicyDuration.longest)
    }

    private static func nanoseconds(_ number: Substring, _ unit: Int64) -> Int64? {
        guard number.contains(where: \.isNumber) else { return nil }
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Int64(parts[0].isEmpty ? "0" : parts[0]) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        guard parts.count == 2 else { return product }
        // A duration is never rounded up, so digits that do not count may go.
        let digits = parts[1].prefix(4)
        guard let fraction = Int64(digits.isEmpty ? "0" : digits) else { return nil }
        let scale = repeatElement(Int64(10), count: digits.count).reduce(1, *)
        let (sum, tooMuch) = product.addingReportingOverflow(unit / scale * fraction)
        return tooMuch ? nil : sum
    }
}
