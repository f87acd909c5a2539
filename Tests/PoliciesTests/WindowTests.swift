// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictYAML
import Testing

@testable import Policies

/// The fields of a window, as they are written.
func window(_ fields: String) throws -> Window {
    var loader = PolicyLoader()
    loader.load([PolicyFile(name: "p.yaml", text: "version: 1\nwindows: {w: {\(fields)}}\n")])
    #expect(loader.problems.sorted.description == "")
    return try #require(loader.windows["w"])
}

@Suite struct `Windows` {
    /// An instant, and whether the window is open then.
    @Test(arguments: [
        ("days: mon-fri, hours: \"08:00-19:00\", time_zone: Europe/Berlin", "2026-11-23T06:59:59Z", false),
        ("days: mon-fri, hours: \"08:00-19:00\", time_zone: Europe/Berlin", "2026-11-23T07:00:00Z", true),
        ("days: mon-fri, hours: \"08:00-19:00\", time_zone: Europe/Berlin", "2026-11-23T17:59:59Z", true),
        ("days: mon-fri, hours: \"08:00-19:00\", time_zone: Europe/Berlin", "2026-11-23T18:00:00Z", false),
        ("days: mon-fri, hours: \"08:00-19:00\", time_zone: Europe/Berlin", "2026-07-20T06:00:00Z", true),
        ("days: mon-fri, hours: \"08:00-19:00\", time_zone: Europe/Berlin", "2026-11-22T12:00:00Z", false),
        ("days: [mon-wed, fri], time_zone: UTC", "2026-11-25T23:59:59Z", true),
        ("days: [mon-wed, fri], time_zone: UTC", "2026-11-26T00:00:00Z", false),
        ("days: [mon-wed, fri], time_zone: UTC", "2026-11-27T00:00:00Z", true),
        ("days: sat-mon, time_zone: UTC", "2026-11-23T12:00:00Z", true),
        ("days: sat-mon, time_zone: UTC", "2026-11-24T12:00:00Z", false),
        ("days: fri, hours: \"22:00-06:00\", time_zone: UTC", "2026-11-28T05:59:59Z", true),
        ("days: fri, hours: \"22:00-06:00\", time_zone: UTC", "2026-11-28T06:00:00Z", false),
        ("days: fri, hours: \"22:00-06:00\", time_zone: UTC", "2026-11-27T05:00:00Z", false),
        ("days: fri, hours: \"22:00-24:00\", time_zone: UTC", "2026-11-27T23:59:59Z", true),
        ("days: fri, hours: \"22:00-24:00\", time_zone: UTC", "2026-11-28T00:00:00Z", false),
        ("days: fri, hours: \"09:00-09:00\", time_zone: UTC", "2026-11-28T08:59:59Z", true),
        ("days: fri, hours: \"09:00-09:00\", time_zone: UTC", "2026-11-28T09:00:00Z", false),
        ("hours: [\"08:00-12:00\", \"13:00-17:00\"], time_zone: UTC", "2026-11-28T12:30:00Z", false),
        ("hours: [\"08:00-12:00\", \"13:00-17:00\"], time_zone: UTC", "2026-11-28T13:00:00Z", true),
        ("dates: \"2026-12-20..2027-01-02\", time_zone: UTC", "2026-12-19T23:59:59Z", false),
        ("dates: \"2026-12-20..2027-01-02\", time_zone: UTC", "2026-12-20T00:00:00Z", true),
        ("dates: \"2026-12-20..2027-01-02\", time_zone: UTC", "2027-01-02T23:59:59Z", true),
        ("dates: \"2026-12-20..2027-01-02\", time_zone: UTC", "2027-01-03T00:00:00Z", false),
        ("dates: \"2026-12-20..2026-12-20\", hours: \"20:00-08:00\", time_zone: UTC", "2026-12-20T07:00:00Z", false),
        ("dates: \"2026-12-20..2026-12-20\", hours: \"20:00-08:00\", time_zone: UTC", "2026-12-21T07:59:59Z", true),
        ("days: mon, time_zone: Asia/Kolkata", "2026-11-22T18:29:59Z", false),
        ("days: mon, time_zone: Asia/Kolkata", "2026-11-22T18:30:00Z", true),
    ])
    func `are open from the first second to before the last`(fields: String, instant: String, isOpen: Bool) throws {
        #expect(try window(fields).contains(at(instant)) == isOpen)
    }

    /// From when to when the window is open, around a change of the clocks.
    @Test(arguments: [
        // Skipped: 02:00 to 03:00 in Berlin and New York, 02:00 to 02:30 on Lord Howe.
        ("hours: \"02:30-05:00\", time_zone: Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"),
        ("hours: \"00:00-02:30\", time_zone: Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z"),
        ("hours: \"22:00-06:00\", time_zone: Europe/Berlin", "2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z"),
        ("hours: \"02:30-05:00\", time_zone: America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T09:00:00Z"),
        ("hours: \"02:15-05:00\", time_zone: Australia/Lord_Howe", "2026-10-03T15:30:00Z", "2026-10-03T18:00:00Z"),
        (
            "hours: \"08:00-12:00\", dates: \"2011-12-31..2011-12-31\", time_zone: Pacific/Apia", "2011-12-30T18:00:00Z",
            "2011-12-30T22:00:00Z"
        ),
        // Shown twice: 02:00 to 03:00 in Berlin, 01:00 to 02:00 in New York, 01:30 to 02:00 on Lord Howe.
        ("hours: \"02:30-05:00\", time_zone: Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T04:00:00Z"),
        ("hours: \"00:00-02:30\", time_zone: Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T01:30:00Z"),
        ("hours: \"02:15-02:45\", time_zone: Europe/Berlin", "2026-10-25T00:15:00Z", "2026-10-25T01:45:00Z"),
        ("hours: \"01:30-05:00\", time_zone: America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T10:00:00Z"),
        ("hours: \"00:00-01:45\", time_zone: Australia/Lord_Howe", "2026-04-04T13:00:00Z", "2026-04-04T15:15:00Z"),
        // Havana sets its clocks back from 01:00 to 00:00, St John's did from 00:01 to 23:01.
        ("days: sun, time_zone: America/Havana", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
        ("days: sat, time_zone: America/Havana", "2026-10-31T04:00:00Z", "2026-11-01T05:00:00Z"),
        ("days: sun, hours: \"00:00-12:00\", time_zone: America/St_Johns", "2010-11-07T02:30:00Z", "2010-11-07T15:30:00Z"),
        ("days: fri, hours: \"23:30-23:30\", time_zone: America/St_Johns", "2010-11-06T02:00:00Z", "2010-11-07T03:00:00Z"),
    ])
    func `clocks that are set`(fields: String, opens: String, closes: String) throws {
        let (window, start, end) = (try window(fields), try at(opens), try at(closes))
        #expect(!window.contains(start - 1))
        #expect(window.contains(start))
        #expect(window.contains(end - 1))
        #expect(!window.contains(end))
        for instant in stride(from: start, to: end, by: 300) {
            #expect(window.closing(after: instant, before: end + 1) == end)
            #expect(window.closing(after: instant, before: end) == nil)
        }
        for instant in [start - 1, start - 1_800] { #expect(window.opening(from: instant) == start) }
    }

    @Test func `a period that the clocks skip does not come`() throws {
        let window = try window("days: sun, hours: \"02:15-02:45\", time_zone: Europe/Berlin")
        #expect(try !window.contains(at("2026-03-29T01:00:00Z")))
        #expect(try window.opening(from: at("2026-03-23T00:00:00Z")) == at("2026-04-05T00:15:00Z"))
    }

    @Test(
        arguments: [
            ("days: mon-fri, time_zone: UTC", "2026-11-23T10:00:00Z", "2026-11-28T00:00:00Z"),
            ("days: [sat, sun, mon], time_zone: Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-26T23:00:00Z"),
            ("hours: [\"08:00-12:00\", \"12:00-18:00\"], time_zone: UTC", "2026-11-23T10:00:00Z", "2026-11-23T18:00:00Z"),
            ("hours: [\"08:00-13:00\", \"12:00-18:00\"], time_zone: UTC", "2026-11-23T10:00:00Z", "2026-11-23T18:00:00Z"),
            (
                "days: [fri, sat], hours: [\"00:00-06:00\", \"22:00-24:00\"], time_zone: UTC", "2026-11-27T23:00:00Z",
                "2026-11-28T06:00:00Z"
            ),
            ("days: mon-sun, time_zone: Europe/Berlin", "2026-11-23T10:00:00Z", nil),
            ("hours: \"09:00-09:00\", time_zone: Europe/Berlin", "2026-11-23T10:00:00Z", nil),
        ] as [(String, String, String?)])
    func `periods that touch are one`(fields: String, instant: String, closes: String?) throws {
        let (window, instant) = (try window(fields), try at(instant))
        let closing = window.closing(after: instant, before: instant + 1_000 * 86_400)
        #expect(closing.map(Timestamp.text) == closes)
        #expect(window.change(after: instant, before: instant + 1_000 * 86_400) == closing)
    }

    @Test(
        arguments: [
            ("days: mon-fri, hours: \"08:00-19:00\", time_zone: UTC", "2026-11-27T19:00:00Z", "2026-11-30T08:00:00Z"),
            ("days: mon-fri, hours: \"08:00-19:00\", time_zone: UTC", "2026-11-27T10:00:00Z", "2026-11-27T10:00:00Z"),
            ("dates: \"2040-12-20..2041-01-02\", time_zone: UTC", "2026-11-27T19:00:00Z", "2040-12-20T00:00:00Z"),
            ("dates: \"2040-12-20..2041-01-02\", days: sun, time_zone: UTC", "2026-11-27T19:00:00Z", "2040-12-23T00:00:00Z"),
            ("dates: \"2026-12-20..2027-01-02\", time_zone: UTC", "2027-01-03T00:00:00Z", nil),
            ("dates: \"2026-12-20..2027-01-02\", days: mon, time_zone: UTC", "2026-12-29T00:00:00Z", nil),
        ] as [(String, String, String?)])
    func `a closed window says when it opens next`(fields: String, instant: String, opens: String?) throws {
        #expect(try window(fields).opening(from: at(instant)).map(Timestamp.text) == opens)
    }

    @Test func `instants far from any table are answered`() throws {
        let window = try window("days: mon-fri, hours: \"22:00-06:00\", time_zone: Europe/Berlin")
        for instant in [-ZoneRules.distant, -(1 << 40), 1 << 40] {
            #expect(window.contains(instant) || window.opening(from: instant) != nil)
        }
    }
}

/// The document in its plainest reading: it looks at the clock on the wall of every minute, and knows no tables.
private struct NaiveWindow {
    /// Local minutes since 1970, for every minute from `start` on.
    let walls: [Int]
    let firstMinute: [Int: Int]
    let lastMinute: [Int: Int]
    let start: Int

    init(zone: String, start: Int, minutes: Int) throws {
        let zone = try #require(TimeZone(identifier: zone))
        self.start = start
        walls = (0..<minutes).map { minute in
            let instant = start + minute * 60
            return (instant + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))) / 60
        }
        firstMinute = Dictionary(zip(walls, 0...)) { first, _ in first }
        lastMinute = Dictionary(zip(walls, 0...)) { _, last in last }
    }

    /// The first minute after the gap in which an edge lies.
    private func afterGap(_ wall: Int) -> Int? { walls.firstIndex { $0 > wall } }

    /// Which minutes are in the window. `days`: from Monday as 0; `hours` in minutes since midnight.
    func open(days: Set<Int>, hours: (Int, Int)) -> [Bool] {
        var open = Array(repeating: false, count: walls.count)
        guard let first = walls.min(), let last = walls.max() else { return open }
        for day in (first / 1_440 - 2)...(last / 1_440 + 1) where days.contains((day + 3) % 7) {
            let (from, to) = (day * 1_440 + hours.0, (hours.1 <= hours.0 ? day + 1 : day) * 1_440 + hours.1)
            guard to > first, from <= last else { continue }
            let start = from < first ? 0 : firstMinute[from] ?? afterGap(from)
            let end = to > last ? walls.count : lastMinute[to] ?? afterGap(to)
            guard let start, let end, start < end else { continue }
            for minute in start..<end { open[minute] = true }
        }
        return open
    }
}

@Suite struct `Properties of windows` {
    @Test(
        arguments: [
            ("Europe/Berlin", "days: mon-fri, hours: \"08:00-19:00\"", [0, 1, 2, 3, 4], (480, 1_140)),
            ("Europe/Berlin", "days: [sat, sun], hours: \"02:30-02:10\"", [5, 6], (150, 130)),
            ("America/New_York", "days: sat-sun, hours: \"23:00-01:30\"", [5, 6], (1_380, 90)),
            ("Australia/Lord_Howe", "days: sun, hours: \"01:40-02:10\"", [6], (100, 130)),
            ("America/Havana", "days: [sat, sun]", [5, 6], (0, 1_440)),
            ("Asia/Kolkata", "days: wed, hours: \"00:00-00:00\"", [2], (0, 0)),
        ] as [(String, String, Set<Int>, (Int, Int))])
    func `a year of minutes is as the document says`(
        zone: String, fields: String, days: Set<Int>, hours: (Int, Int)
    ) throws {
        let window = try window(fields + ", time_zone: \(zone)")
        let start = try at("2026-01-01T00:00:00Z")
        let naive = try NaiveWindow(zone: zone, start: start, minutes: 366 * 1_440)
        let expected = naive.open(days: days, hours: hours)
        // At the edges of the year the naive reading lacks the minutes around it.
        let minutes = 1_500..<(expected.count - 1_500)
        #expect(minutes.first { window.contains(start + $0 * 60) != expected[$0] } == nil)
        #expect(minutes.contains { expected[$0] } && minutes.contains { !expected[$0] })
        // From each edge the next one is named; in between, nothing changes.
        let edges = minutes.dropFirst().filter { expected[$0] != expected[$0 - 1] }
        let wrong = zip(edges, edges.dropFirst()).first { edge, next in
            let (edge, next) = (start + edge * 60, start + next * 60)
            return window.change(after: edge, before: next + 1) != next || window.change(after: edge, before: next) != nil
                || window.change(after: next - 1, before: next + 1) != next
        }
        #expect(wrong == nil)
    }
}
