// SPDX-License-Identifier: Apache-2.0

import StrictYAML

// The one place where Foundation's time zones are read, while loading; deciding needs the tables alone.
import struct Foundation.Date
import struct Foundation.TimeZone

extension ZoneRules {
    /// Names of the IANA database without a slash. Foundation knows more of that form (`PST`, `IST`), which mean
    /// something else to everybody.
    private static let plainNames: Set<String> = [
        "CET", "EET", "EST", "GMT", "HST", "MET", "MST", "UTC", "WET", "CST6CDT", "EST5EDT", "MST7MDT", "PST8PDT",
    ]

    /// The rules of a zone of the IANA database, exact from 1970 to the end of 2099. Earlier and later times have the
    /// first and the last offset of these years. nil: there is no such zone.
    init?(named name: String) {
        if name == "UTC" {
            self = .utc
            return
        }
        guard Self.plainNames.contains(name) || name.utf8.contains(UInt8(ascii: "/")) && !name.hasPrefix("SystemV/"),
            let zone = TimeZone(identifier: name)
        else { return nil }
        let end = Date(timeIntervalSince1970: 4_102_444_800)
        var instant = Date(timeIntervalSince1970: 0)
        let firstOffset = zone.secondsFromGMT(for: instant)
        var changes: [(instant: Int, offset: Int)] = []
        // Also steps where only the name or the standard time changes; those say nothing new.
        while let next = zone.nextDaylightSavingTimeTransition(after: instant), next > instant, next < end {
            let offset = zone.secondsFromGMT(for: next)
            if offset != changes.last?.offset ?? firstOffset { changes.append((Int(next.timeIntervalSince1970), offset)) }
            instant = next
        }
        self.init(name: name, firstOffset: firstOffset, changes: changes)
    }

    /// The name that was probably meant: `Europe/Berln`, `europe/berlin` or `Berlin` for `Europe/Berlin`.
    static func nearestName(to name: String) -> String? {
        // Foundation lists India under the name that the database has given up.
        let known = TimeZone.knownTimeZoneIdentifiers.sorted() + ["Asia/Kolkata", "UTC"]
        let typed = name.lowercased().replacing(" ", with: "_")
        return known.first { $0.lowercased() == typed || $0.lowercased().hasSuffix("/" + typed) }
            ?? NearestWord.to(name, among: known)
    }
}
