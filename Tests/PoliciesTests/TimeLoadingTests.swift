// SPDX-License-Identifier: Apache-2.0

import StrictYAML
import Testing

@testable import Policies

extension BadFile {
    private static func window(_ name: String, _ fields: String, _ messages: String...) -> BadFile {
        BadFile(name, text: "version: 1\nwindows:\n  w: {\(fields)}\n", messages: messages.map { "p.yaml:3:" + $0 })
    }

    static let windows: [BadFile] = [
        window("no zone", "days: mon-fri", "6: window `w` needs `time_zone`"),
        window(
            "an unknown key", "day: mon, time_zone: UTC, hours: \"08:00-09:00\"",
            "7: unknown key `day` in window `w`; did you mean `days`?"),
        window("always open", "time_zone: UTC", "3: window `w` is always open; expected `days`, `hours` or `dates`"),
        window(
            "a zone mistyped", "days: mon, time_zone: Europe/Berln",
            "29: there is no time zone `Europe/Berln`; did you mean `Europe/Berlin`?"),
        window(
            "an abbreviation", "days: mon, time_zone: PST",
            "29: there is no time zone `PST`; expected a name such as `Europe/Berlin`, or `UTC`"),
        window(
            "an offset", "days: mon, time_zone: \"+02:00\"",
            "29: there is no time zone `+02:00`; expected a name such as `Europe/Berlin`, or `UTC`"),
        window(
            "a long day", "days: monday, time_zone: UTC",
            "13: `monday` is neither a day nor a range such as `mon-fri`; did you mean `mon`?"),
        window(
            "a day mistyped", "days: [mon, tue-fir], time_zone: UTC",
            "19: `tue-fir` is neither a day nor a range such as `mon-fri`; did you mean `tue-fri`?"),
        window(
            "a range mistyped", "days: Monday-fry, time_zone: UTC",
            "13: `Monday-fry` is neither a day nor a range such as `mon-fri`; did you mean `mon-fri`?"),
        window(
            "three days", "days: mon-wed-fri, time_zone: UTC",
            "13: `mon-wed-fri` is neither a day nor a range such as `mon-fri`; known are `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`"
        ),
        window(
            "a day in German", "days: mittwoch, time_zone: UTC",
            "13: `mittwoch` is neither a day nor a range such as `mon-fri`; known are `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`"
        ),
        window("a day twice", "days: [mon, mon], time_zone: UTC", "19: `mon` is listed twice"),
        window("no days", "days: [], time_zone: UTC", "13: `days` is empty; leave it out"),
        window(
            "hours without minutes", "hours: 8-19, time_zone: UTC",
            "14: `8-19` is not a range of hours; expected the form `08:00-19:00`, up to `24:00`"),
        window(
            "a start at the end of the day", "hours: [\"08:00-12:00\", \"24:00-01:00\"], time_zone: UTC",
            "30: `24:00-01:00` is not a range of hours; expected the form `08:00-19:00`, up to `24:00`"),
        window(
            "a minute too late", "hours: \"08:00-24:01\", time_zone: UTC",
            "14: `08:00-24:01` is not a range of hours; expected the form `08:00-19:00`, up to `24:00`"),
        window(
            "one date", "dates: 2026-12-20, time_zone: UTC",
            "14: `2026-12-20` is not a range of days; expected the form `2026-12-20..2027-01-02`, both included"),
        window(
            "a date that is none", "dates: 2026-02-20..2026-02-29, time_zone: UTC",
            "14: `2026-02-20..2026-02-29` is not a range of days; expected the form `2026-12-20..2027-01-02`, both included"),
        window(
            "dates in the wrong order", "dates: 2027-01-02..2026-12-20, time_zone: UTC",
            "14: `dates` end (2026-12-20) before they begin (2027-01-02)"),
        window(
            "days that never come", "days: mon, dates: 2026-12-22..2026-12-27, time_zone: UTC",
            "3: window `w` is never open: its `days` and `hours` do not occur in its `dates`"),
        window(
            "hours that the clocks skip", "hours: \"02:10-02:50\", dates: 2026-03-29..2026-03-29, time_zone: Europe/Berlin",
            "3: window `w` is never open: its `days` and `hours` do not occur in its `dates`"),
        BadFile(
            "a window twice", "version: 1\nwindows:\n  a: {days: mon, time_zone: UTC}\n  A: {days: mon, time_zone: UTC}\n",
            "p.yaml:4:3: `A` is not a name for a window; expected lower-case letters, digits, `-`, `_` and `.`"),
    ]

    private static func rotation(_ name: String, _ fields: String, _ messages: String...) -> BadFile {
        BadFile(
            name, text: "version: 1\ngroups:\n  g: {rotation: {\(fields)}}\n", messages: messages.map { "p.yaml:3:" + $0 })
    }

    static let rotations: [BadFile] = [
        rotation(
            "nothing", "every: 1w", "17: `rotation` needs `members`", "17: `rotation` needs `starts`",
            "17: `rotation` needs `time_zone`"),
        rotation(
            "hours", "every: 24h, members: [a], starts: 2026-01-05T09:00, time_zone: UTC",
            "25: `every` counts whole days or weeks: `1d`, `1w`, `2w`; not `24h`"),
        rotation(
            "a start in UTC", "starts: 2026-01-05T09:00:00Z, members: [a], every: 1w, time_zone: UTC",
            "26: `2026-01-05T09:00:00Z` is not a local time; expected the form `2026-01-05T09:00`, of the rotation's `time_zone`"
        ),
        rotation(
            "a pattern", "members: [a, \"*@b\"], every: 1w, starts: 2026-01-05T09:00, time_zone: UTC",
            "31: `*@b` is not a user; members are listed one by one"),
        rotation(
            "a zone mistyped", "time_zone: Asia/Kolkatta, members: [a], every: 1w, starts: 2026-01-05T09:00",
            "29: there is no time zone `Asia/Kolkatta`; did you mean `Asia/Kolkata`?"),
        rotation(
            "overrides",
            "overrides: {2026-1-6: b, 2026-01-04: b}, members: [a], every: 1w, starts: 2026-01-05T09:00, time_zone: UTC",
            "30: `2026-1-6` is not a day; expected the form `2026-12-24`",
            "43: an override on 2026-01-04 is before the rotation starts (2026-01-05)"),
        rotation(
            "an unknown key", "zone: UTC, members: [a], every: 1w, starts: 2026-01-05T09:00, time_zone: UTC",
            "18: unknown key `zone` in `rotation`; known are `members`, `every`, `starts`, `time_zone`, `overrides`"),
    ]
}

@Suite struct `Loading of times` {
    @Test(arguments: BadFile.windows + BadFile.rotations)
    func `what windows and rotations must not be is said`(file: BadFile) {
        #expect(problems(file.text) == file.messages)
    }

    @Test func `one table serves every window of a zone`() throws {
        var loader = PolicyLoader()
        let windows = (0..<10).map { "  w\($0): {days: mon, time_zone: Europe/Berlin}\n" }.joined()
        loader.load([PolicyFile(name: "p.yaml", text: "version: 1\nwindows:\n" + windows)])
        #expect(loader.windows.count == 10)
        #expect(loader.timeZones.keys.sorted() == ["Europe/Berlin"])
    }
}
