// SPDX-License-Identifier: Apache-2.0

package enum PolicyDurationError: Error, Hashable {
    case malformed(String)
    case zero(String)
    case tooLong(String)
}

/// Durations as people write them: one whole number and one unit, `30s`, `10m`, `8h`, `7d`, `1w`.
package enum PolicyDuration {
    /// 100 years of 365.25 days. Nothing ephemeral comes near it; sums of times stay far from overflow.
    package static let longest = Duration.seconds(3_155_760_000)

    /// More than nothing, up to `longest`. No fractions, signs, spaces, leading zeros or second units.
    package static func parse(_ text: String) throws(PolicyDurationError) -> Duration {
        let bytes = Array(text.utf8)
        guard let unit = bytes.last.flatMap(secondsPerUnit), (2...20).contains(bytes.count) else {
            throw .malformed(text)
        }
        let digits = bytes.dropLast()
        guard digits.allSatisfy(ASCII.isDigit) else { throw .malformed(text) }
        guard digits.first != UInt8(ascii: "0") else {
            throw digits.count == 1 ? .zero(text) : .malformed(text)
        }
        guard let count = Int64(String(decoding: digits, as: UTF8.self)) else { throw .tooLong(text) }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, .seconds(seconds) <= longest else { throw .tooLong(text) }
        return .seconds(seconds)
    }

    /// The shortest exact form up to days; fractions of a second are dropped.
    package static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        for (size, unit) in [(Int64(86_400), "d"), (3_600, "h"), (60, "m")] where seconds != 0 && seconds % size == 0 {
            return "\(seconds / size)\(unit)"
        }
        return "\(seconds)s"
    }

    /// For people: the largest unit of which there is at least one, rounded down.
    static func rough(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        for (size, unit) in [(Int64(86_400), "d"), (3_600, "h"), (60, "m")] where seconds >= size {
            return "\(seconds / size)\(unit)"
        }
        return "\(seconds)s"
    }

    private static func secondsPerUnit(_ unit: UInt8) -> Int64? {
        switch unit {
        case UInt8(ascii: "s"): 1
        case UInt8(ascii: "m"): 60
        case UInt8(ascii: "h"): 3_600
        case UInt8(ascii: "d"): 86_400
        case UInt8(ascii: "w"): 604_800
        default: nil
        }
    }
}

extension PolicyDurationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let text):
            "`\(text)` is not a duration; write a whole number and a unit: `30s`, `10m`, `8h`, `7d`, `1w`"
        case .zero(let text): "`\(text)` is no time at all"
        case .tooLong(let text): "`\(text)` is longer than 100 years"
        }
    }
}
