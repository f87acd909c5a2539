// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicyLoader {
    /// The `rotation` of a group.
    mutating func rotation(_ node: YAMLNode) -> Rotation? {
        let known = ["members", "every", "starts", "time_zone", "overrides"]
        guard let fields = fields(node, "`rotation`", known: known) else { return nil }
        let membersNode = required(fields, "members", of: "`rotation`")
        let everyNode = required(fields, "every", of: "`rotation`")
        let startsNode = required(fields, "starts", of: "`rotation`")
        let zoneNode = required(fields, "time_zone", of: "`rotation`")
        let members = membersNode.map { self.members($0) } ?? []
        let days = everyNode.flatMap { wholeDays($0) }
        let start = startsNode.flatMap { localTime($0) }
        let zone = zoneNode.flatMap { timeZone($0) }
        guard !members.isEmpty, let days, let start, let zone else { return nil }
        var overrides: [CalendarDay: [String]] = [:]
        for entry in fields["overrides"].map({ entries($0, "`overrides`") ?? [] }) ?? [] {
            let substitutes = oneOrMore(entry.value, "an override").compactMap { member($0) }
            guard let day = CalendarDay(entry.key) else {
                problems.add(
                    entry.keyPosition, "`\(printable: entry.key)` is not a day; expected the form `2026-12-24`")
                continue
            }
            guard day >= start.day else {
                problems.add(entry.keyPosition, "an override on \(day) is before the rotation starts (\(start.day))")
                continue
            }
            overrides[day] = substitutes
        }
        return Rotation(
            members: members, days: days, firstDay: start.day, time: start.time, zone: zone, overrides: overrides)
    }

    /// Hours would not be days when the clocks change, so `24h` is not `1d`.
    private mutating func wholeDays(_ node: YAMLNode) -> Int? {
        guard let duration = duration(node, "`every`"), case .scalar(let text, _) = node.value else { return nil }
        guard text.hasSuffix("d") || text.hasSuffix("w") else {
            problems.add(node.position, "`every` counts whole days or weeks: `1d`, `1w`, `2w`; not `\(text)`")
            return nil
        }
        return Int(duration.components.seconds) / CalendarDay.seconds
    }

    private mutating func localTime(_ node: YAMLNode) -> (day: CalendarDay, time: Int)? {
        guard let text = text(node, "`starts`") else { return nil }
        let parts = text.split(separator: "T", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let day = CalendarDay(parts[0]), let time = TimeOfDay.seconds(parts[1]) else {
            problems.add(
                node.position,
                "`\(printable: text)` is not a local time; expected the form `2026-01-05T09:00`, of the rotation's `time_zone`")
            return nil
        }
        return (day, time)
    }
}
