// SPDX-License-Identifier: Apache-2.0

import StrictYAML
import Testing

@testable import Policies

@Suite struct `Rotations` {
    private func rotation(_ fields: String) throws -> Rotation {
        var loader = PolicyLoader()
        let text = Array("{\(fields)}".utf8)
        let node = try #require(YAMLNode.parse(text, file: "p.yaml", limit: 1_000, &loader.problems))
        let rotation = loader.rotation(node)
        #expect(loader.problems.sorted.description == "")
        return try #require(rotation)
    }

    private static let weekly = "members: [ana, bo, cy], every: 1w, starts: 2026-01-05T09:00, time_zone: Europe/Berlin"
    private static let covered = weekly + ", overrides: {2026-12-24: dee, 2026-12-25: [dee, eve], 2026-12-28: ana}"

    /// An instant, and who is on duty.
    @Test(arguments: [
        (weekly, "2026-01-05T07:59:59Z", []),
        (weekly, "2026-01-05T08:00:00Z", ["ana"]),
        (weekly, "2026-01-12T07:59:59Z", ["ana"]),
        (weekly, "2026-01-12T08:00:00Z", ["bo"]),
        (weekly, "2026-01-26T08:00:00Z", ["ana"]),
        // In summer, nine o'clock is an hour earlier.
        (weekly, "2026-03-30T06:59:59Z", ["cy"]),
        (weekly, "2026-03-30T07:00:00Z", ["ana"]),
        (weekly, "2026-10-26T07:59:59Z", ["cy"]),
        (weekly, "2026-10-26T08:00:00Z", ["ana"]),
        (covered, "2026-12-24T07:59:59Z", ["cy"]),
        (covered, "2026-12-24T08:00:00Z", ["dee"]),
        (covered, "2026-12-25T07:59:59Z", ["dee"]),
        (covered, "2026-12-25T08:00:00Z", ["dee", "eve"]),
        (covered, "2026-12-26T08:00:00Z", ["cy"]),
        (covered, "2026-12-28T08:00:00Z", ["ana"]),
        (covered, "2026-12-29T08:00:00Z", ["ana"]),
        (covered, "2027-01-04T08:00:00Z", ["bo"]),
        ("members: [ana], every: 2w, starts: 2026-01-05T09:00, time_zone: UTC", "2040-01-01T00:00:00Z", ["ana"]),
        ("members: [ana, bo], every: 1d, starts: 2026-03-28T02:30, time_zone: Europe/Berlin", "2026-03-29T00:59:59Z", ["ana"]),
        ("members: [ana, bo], every: 1d, starts: 2026-03-28T02:30, time_zone: Europe/Berlin", "2026-03-29T01:00:00Z", ["bo"]),
        ("members: [ana, bo], every: 1d, starts: 2026-10-24T02:30, time_zone: Europe/Berlin", "2026-10-25T00:29:59Z", ["ana"]),
        ("members: [ana, bo], every: 1d, starts: 2026-10-24T02:30, time_zone: Europe/Berlin", "2026-10-25T00:30:00Z", ["bo"]),
        ("members: [ana, bo], every: 1d, starts: 2026-10-24T02:30, time_zone: Europe/Berlin", "2026-10-25T01:10:00Z", ["bo"]),
    ])
    func `one after the other is on duty`(fields: String, instant: String, members: [String]) throws {
        #expect(try rotation(fields).members(at: at(instant)) == members)
    }

    @Test(arguments: [
        (weekly, "2025-06-01T00:00:00Z", "2026-01-05T08:00:00Z"),
        (weekly, "2026-01-05T08:00:00Z", "2026-01-12T08:00:00Z"),
        (weekly, "2026-03-24T12:00:00Z", "2026-03-30T07:00:00Z"),
        (covered, "2026-12-23T12:00:00Z", "2026-12-24T08:00:00Z"),
        (covered, "2026-12-24T08:00:00Z", "2026-12-25T08:00:00Z"),
        (covered, "2026-12-25T08:00:00Z", "2026-12-26T08:00:00Z"),
        (covered, "2026-12-26T08:00:00Z", "2026-12-28T08:00:00Z"),
        (covered, "2026-12-28T08:00:00Z", "2026-12-29T08:00:00Z"),
        (covered, "2026-12-29T08:00:00Z", "2027-01-04T08:00:00Z"),
    ])
    func `the next hand-over is known`(fields: String, instant: String, next: String) throws {
        #expect(try Timestamp.text(rotation(fields).handOver(after: at(instant))) == next)
    }

    @Test(arguments: [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Asia/Kolkata",
    ])
    func `between two hand-overs nothing changes, and every day has one`(zone: String) throws {
        for time in ["00:00", "00:30", "01:45", "02:30", "23:30"] {
            let rotation = try rotation("members: [ana, bo, cy], every: 1d, starts: 2010-10-01T\(time), time_zone: \(zone)")
            var instant = try at("2010-09-30T00:00:00Z")
            var handOvers: [Int] = []
            let end = try at("2012-02-01T00:00:00Z")
            while instant < end {
                let next = rotation.handOver(after: instant)
                #expect(next > instant)
                #expect(rotation.members(at: next - 1) == rotation.members(at: instant))
                // Samoa left out a day when it moved over the date line.
                if let last = handOvers.last { #expect((79_200...93_600).contains(next - last) || zone == "Pacific/Apia") }
                handOvers.append(next)
                instant = next
            }
            #expect(abs(handOvers.count - 489) <= 1)
        }
    }
}
