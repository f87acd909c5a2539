// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicyLoader {
    mutating func readWindows(_ node: YAMLNode) {
        for entry in entries(node, "`windows`") ?? [] {
            let what = "window `\(printable: entry.key)`"
            guard define("window", entry.key, at: entry.keyPosition) else { continue }
            // Also when something in it is wrong, so that rules that name it are not.
            windows[entry.key] = Window(name: entry.key, days: .all, hours: [.wholeDay], dates: nil, zone: .utc)
            guard let fields = fields(entry.value, what, known: ["days", "hours", "time_zone", "dates"]),
                let zoneNode = required(fields, "time_zone", of: what), let zone = timeZone(zoneNode)
            else { continue }
            if fields["days"] == nil, fields["hours"] == nil, fields["dates"] == nil {
                problems.add(entry.keyPosition, "\(what) is always open; expected `days`, `hours` or `dates`")
                continue
            }
            guard let days = fields["days"].map({ weekdays($0) }) ?? .all,
                let hours = fields["hours"].map({ hourRanges($0) }) ?? [.wholeDay]
            else { continue }
            var dates: ClosedRange<CalendarDay>?
            if let node = fields["dates"] {
                guard let range = dateRange(node) else { continue }
                dates = range
            }
            let window = Window(name: entry.key, days: days, hours: hours, dates: dates, zone: zone)
            if window.opening(from: -ZoneRules.distant) == nil {
                problems.add(entry.keyPosition, "\(what) is never open: its `days` and `hours` do not occur in its `dates`")
            }
            windows[entry.key] = window
        }
    }

    /// `during` of a rule: one window or a list of them.
    mutating func windowList(_ node: YAMLNode) -> [Window] {
        oneOrMore(node, "`during`").compactMap { found in
            if let window = windows[found.text] { return window }
            problems.add(found.position, unknown("window", found.text, among: windows.keys))
            return nil
        }
    }

    mutating func timeZone(_ node: YAMLNode) -> ZoneRules? {
        guard let name = text(node, "`time_zone`") else { return nil }
        if let zone = timeZones[name] { return zone }
        guard let zone = ZoneRules(named: name) else {
            let hint = ZoneRules.nearestName(to: name).map { "did you mean `\($0)`?" }
            problems.add(
                node.position,
                "there is no time zone `\(printable: name)`; " + (hint ?? "expected a name such as `Europe/Berlin`, or `UTC`"))
            return nil
        }
        timeZones[name] = zone
        return zone
    }

    /// nil when one of them is wrong.
    private mutating func weekdays(_ node: YAMLNode) -> Weekdays? {
        var result = Weekdays.none
        let found = oneOrMore(node, "`days`")
        var isComplete = !found.isEmpty
        for found in found {
            if let days = Weekdays(found.text) {
                result.formUnion(days)
                continue
            }
            isComplete = false
            let ends = found.text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
            // The first three letters of the English names; nothing longer comes near them.
            let days = ends.compactMap { word in
                Weekdays.words.first { word.lowercased().hasPrefix($0) } ?? NearestWord.to(word, among: Weekdays.words)
            }
            let nearest = days.count == ends.count && days.count <= 2 ? days.joined(separator: "-") : nil
            let hint = nearest.map { "did you mean `\($0)`?" } ?? "known are \(quoted(Weekdays.words))"
            problems.add(found.position, "`\(printable: found.text)` is neither a day nor a range such as `mon-fri`; \(hint)")
        }
        return isComplete ? result : nil
    }

    private mutating func hourRanges(_ node: YAMLNode) -> [HourRange]? {
        let found = oneOrMore(node, "`hours`")
        let ranges = found.compactMap { found -> HourRange? in
            let range = HourRange(found.text)
            if range == nil {
                problems.add(
                    found.position,
                    "`\(printable: found.text)` is not a range of hours; expected the form `08:00-19:00`, up to `24:00`")
            }
            return range
        }
        return ranges.count == found.count && !ranges.isEmpty ? ranges : nil
    }

    private mutating func dateRange(_ node: YAMLNode) -> ClosedRange<CalendarDay>? {
        guard let text = text(node, "`dates`") else { return nil }
        let parts = text.split(separator: "..", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let first = CalendarDay(parts[0]), let last = CalendarDay(parts[1]) else {
            problems.add(
                node.position,
                "`\(printable: text)` is not a range of days; expected the form `2026-12-20..2027-01-02`, both included")
            return nil
        }
        guard first <= last else {
            problems.add(node.position, "`dates` end (\(last)) before they begin (\(first))")
            return nil
        }
        return first...last
    }

    /// A text, or a list of texts.
    mutating func oneOrMore(_ node: YAMLNode, _ what: String) -> [Located] {
        if case .list = node.value { return texts(node, what) }
        return text(node, what).map { [Located(text: $0, position: node.position)] } ?? []
    }
}
