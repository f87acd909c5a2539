// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Policies

/// Seconds since 1970 of an RFC 3339 time.
func at(_ text: String) throws -> Int { Timestamp.seconds(try #require(Timestamp.parse(text))) }

/// As if its clocks were set to UTC.
func local(_ text: String) throws -> Int { try at(text + ":00Z") }

func zone(_ name: String) throws -> ZoneRules { try #require(ZoneRules(named: name)) }

@Suite struct `Time zones` {
    /// What the IANA database says, as the system has it (2026a):
    /// `python3 -c 'import datetime as d, sys, zoneinfo as z; print(d.datetime.fromtimestamp(int(sys.argv[2]),
    /// z.ZoneInfo(sys.argv[1])).utcoffset().total_seconds())' Europe/Berlin 1774746000`
    @Test(
        arguments: [
            (
                "Europe/Berlin",
                [
                    (0, 3600), (1_774_745_999, 3600), (1_774_746_000, 7200), (1_792_889_999, 7200), (1_792_890_000, 3600),
                    (4_096_573_199, 7200), (4_096_573_200, 3600),
                ]
            ),
            (
                "America/New_York",
                [
                    (0, -18000), (1_772_953_199, -18000), (1_772_953_200, -14400), (1_793_512_799, -14400),
                    (1_793_512_800, -18000), (4_097_195_999, -14400), (4_097_196_000, -18000),
                ]
            ),
            (
                "Australia/Lord_Howe",
                [
                    (0, 36000), (1_775_314_799, 39600), (1_775_314_800, 37800), (1_791_041_399, 37800), (1_791_041_400, 39600),
                    (4_094_724_599, 37800), (4_094_724_600, 39600),
                ]
            ),
            (
                "America/St_Johns",
                [(0, -12600), (1_320_553_799, -9000), (1_320_553_800, -12600), (1_772_947_799, -12600), (1_772_947_800, -9000)]
            ),
            ("Pacific/Apia", [(0, -39600), (1_325_239_199, -36000), (1_325_239_200, 50400), (1_767_225_600, 46800)]),
            (
                "Africa/Casablanca",
                [(0, 0), (1_771_120_799, 3600), (1_771_120_800, 0), (1_774_144_799, 0), (1_774_144_800, 3600)]
            ),
            ("Europe/Dublin", [(0, 3600), (1_774_745_999, 0), (1_774_746_000, 3600), (1_792_890_000, 0)]),
            (
                "America/Havana",
                [(1_772_945_999, -18000), (1_772_946_000, -14400), (1_793_509_199, -14400), (1_793_509_200, -18000)]
            ),
            ("Asia/Kolkata", [(0, 19800), (1_767_225_600, 19800), (4_102_444_799, 19800)]),
            ("Asia/Kathmandu", [(0, 19800), (1_767_225_600, 20700)]),
            ("UTC", [(0, 0), (1_767_225_600, 0), (4_102_444_799, 0)]),
        ] as [(String, [(Int, Int)])])
    func `offsets are those of the IANA database`(name: String, offsets: [(Int, Int)]) throws {
        let zone = try zone(name)
        for (instant, offset) in offsets { #expect(zone.offset(at: instant) == offset, "\(instant)") }
    }

    @Test(arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"])
    func `every day of 130 years has the offset that Foundation says`(name: String) throws {
        let (zone, system) = (try zone(name), try #require(TimeZone(identifier: name)))
        let wrong = stride(from: 0, to: 4_102_444_800, by: 86_400).first {
            zone.offset(at: $0) != system.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0)))
        }
        #expect(wrong == nil)
    }

    @Test func `before 1970 and from 2100 on the offset stays as it is`() throws {
        let zone = try zone("Europe/Berlin")
        #expect(zone.offset(at: -ZoneRules.distant) == 3_600)
        #expect(zone.offset(at: -1) == 3_600)
        #expect(try zone.offset(at: at("2100-07-01T00:00:00Z")) == 3_600)
        #expect(try zone.offset(at: at("2099-07-01T00:00:00Z")) == 7_200)
    }

    /// A local time, its first instant, and its last.
    @Test(arguments: [
        ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59:00Z", "2026-03-29T00:59:00Z"),
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59:00Z", "2026-10-24T23:59:00Z"),
        ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"),
        ("Europe/Berlin", "2026-10-25T02:59", "2026-10-25T00:59:00Z", "2026-10-25T01:59:00Z"),
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00:00Z", "2026-03-08T07:00:00Z"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"),
        ("Asia/Kolkata", "2026-06-01T05:30", "2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z"),
        ("UTC", "2026-06-01T05:30", "2026-06-01T05:30:00Z", "2026-06-01T05:30:00Z"),
    ])
    func `local times that are skipped or shown twice`(name: String, time: String, first: String, last: String) throws {
        let zone = try zone(name)
        #expect(Timestamp.text(zone.firstInstant(ofLocal: try local(time))) == first)
        #expect(Timestamp.text(zone.lastInstant(ofLocal: try local(time))) == last)
    }

    @Test(arguments: ["Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"])
    func `an instant lies between the first and the last time its clocks show`(name: String) throws {
        let zone = try zone(name)
        let instants = stride(from: try at("2011-01-01T00:00:00Z"), to: try at("2012-02-01T00:00:00Z"), by: 900)
        let wrong = instants.first { instant in
            let local = instant + zone.offset(at: instant)
            let (first, last) = (zone.firstInstant(ofLocal: local), zone.lastInstant(ofLocal: local))
            return first > last || first != instant && last != instant
        }
        #expect(wrong == nil)
    }

    @Test(arguments: [
        "UTC", "Europe/Kyiv", "Europe/Kiev", "US/Eastern", "Etc/GMT+5", "CET", "EST", "America/Argentina/Ushuaia",
    ])
    func `names of the IANA database are zones`(name: String) throws {
        #expect(try zone(name).name == name)
    }

    @Test(
        arguments: [
            ("PST", nil), ("IST", nil), ("GMT+2", nil), ("+02:00", nil), ("Z", nil), ("SystemV/PST8PDT", nil),
            ("europe/berlin", "Europe/Berlin"), ("Europe/Berln", "Europe/Berlin"), ("Berlin", "Europe/Berlin"),
            ("New York", "America/New_York"), ("utc", "UTC"), ("../UTC", nil), ("Europe/", nil),
        ] as [(String, String?)])
    func `other names are not, and the nearest is suggested`(name: String, nearest: String?) {
        #expect(ZoneRules(named: name) == nil)
        if let nearest { #expect(ZoneRules.nearestName(to: name) == nearest) }
    }
}

@Suite struct `Days of the calendar` {
    @Test func `every day from 1970 to 2400 is the day after the one before`() throws {
        var (expected, number) = ((year: 1970, month: 1, day: 1), 0)
        while expected.year < 2400 {
            guard CalendarDay(number: number).parts == expected,
                CalendarDay(year: expected.year, month: expected.month, day: expected.day)?.number == number
            else {
                Issue.record("day \(number) is not \(expected)")
                return
            }
            number += 1
            if CalendarDay(year: expected.year, month: expected.month, day: expected.day + 1) != nil {
                expected.day += 1
            } else {
                expected = expected.month == 12 ? (expected.year + 1, 1, 1) : (expected.year, expected.month + 1, 1)
            }
        }
        #expect(number == 157_054)
    }

    @Test(arguments: [
        "2026-02-29", "2100-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "26-01-01", "1969-12-31", "2026-01-+1",
    ])
    func `days that do not exist are refused`(text: String) {
        #expect(CalendarDay(text) == nil)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (1_774_746_000, "2026-03-29T01:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
    ])
    func `instants are written in UTC`(instant: Int, text: String) throws {
        #expect(Timestamp.text(instant) == text)
        #expect(try at(text) == instant)
    }
}
