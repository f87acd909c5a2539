// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Policies

/// Host patterns compared by what they match.
@Suite struct `Hosts that patterns tell apart` {
    /// Every label of a small alphabet, long enough for all that short patterns tell apart.
    private static let labels: [String] = {
        var (all, longest) = ([String](), [""])
        for _ in 0..<5 {
            longest = longest.flatMap { label in ["a", "b", "c", "0", "-"].map { label + $0 } }
            all += longest
        }
        return all.filter { HostName.isLabel(Array($0.utf8)) }
    }()

    private static let hosts = labels.compactMap { try? HostName($0) }

    private static func pattern(_ random: inout SeededGenerator) throws -> HostPattern? {
        let label = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            Array("ab0-**")[Int.random(in: 0..<6, using: &random)]
        }
        return try? HostPattern(String(label))
    }

    @Test(arguments: Array(UInt64(1)...60))
    func `every host is of exactly one kind, and no kind is empty`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        guard let pattern = try Self.pattern(&random) else { return }
        let others = Set(try (0..<4).compactMap { _ in try Self.pattern(&random) })
        let kinds = try #require(pattern.kinds(toldApartBy: others))
        func matching(_ host: HostName) -> Set<HostPattern> { others.filter { $0.matches(host) } }
        for kind in kinds {
            let example = try HostName(kind.example)
            #expect(pattern.matches(example) && matching(example) == kind.patterns, "seed \(seed): \(pattern.text) \(kind)")
        }
        #expect(Set(kinds.map(\.patterns)).count == kinds.count, "seed \(seed)")
        let found = Set(kinds.map(\.patterns))
        let all = Set(Self.hosts.filter { pattern.matches($0) }.map(matching))
        #expect(all == found, "seed \(seed): \(pattern.text) beside \(others.map(\.text)): \(all) and \(found)")
        for other in others {
            let isWithin = Self.hosts.allSatisfy { !pattern.matches($0) || other.matches($0) }
            #expect(pattern.isWithin(other) == isWithin, "seed \(seed): \(pattern.text) in \(other.text)")
        }
    }

    @Test(arguments: [
        ("web1.example.com", "web*.example.com", true), ("web*.example.com", "*.example.com", true),
        ("*.example.com", "web*.example.com", false), ("*.example.com", "*.*.example.com", false),
        ("a*b*.example.com", "a*.example.com", true), ("a*.example.com", "a*b*.example.com", false),
        ("*.*.example.com", "*.prod.example.com", false), ("web*.prod.example.com", "*.*.example.com", true),
        ("192.0.2.1", "*.0.2.b", false), ("x.1*a", "x.1*", true), ("x.1*", "x.1*a", false),
    ])
    func `a pattern lies within another`(inner: String, outer: String, isWithin: Bool) throws {
        #expect(try HostPattern(inner).isWithin(HostPattern(outer)) == isWithin)
    }

    private func diff(_ old: String, _ new: String) throws -> PolicyDiff {
        func set(_ hosts: String) throws -> PolicySet {
            try policies(
                """
                zones: {z: {hosts: [\(hosts)]}}
                roles: {r: {ssh: {logins: [deploy], zones: [z]}}}
                allow: [{id: a, who: {groups: [team]}, roles: [r], lifetime: {max: 1h}}]
                """)
        }
        return try set(new).diff(from: set(old))
    }

    @Test(arguments: [
        ("\"*.prod.example.com\"", "\"web*.prod.example.com\"", false),
        ("\"web*.prod.example.com\"", "\"*.prod.example.com\"", true),
        ("\"*.example.com\"", "\"*.example.com\", web1.example.com", false), ("web1.example.com", "\"web*.example.com\"", true),
        ("\"web*.example.com\", \"db*.example.com\"", "web7.example.com, db7.example.com", false),
        ("\"a*.example.com\", \"*a.example.com\"", "\"a*a.example.com\"", false),
        ("\"a*.example.com\"", "\"*a.example.com\"", true), ("192.0.2.1", "192.0.2.2", true),
    ])
    func `a difference in hosts widens exactly when there is a host that was not there`(
        old: String, new: String, widens: Bool
    ) throws {
        let there = try diff(old, new)
        #expect(there.isWidening == widens, "\(there)")
        #expect(there.changes.allSatisfy { $0.notComparedExactly == nil })
        #expect(try diff(new, old).changes.contains { $0.direction == .narrows } == widens)
    }

    @Test func `the same hosts in other patterns are no change`() throws {
        #expect(try diff("\"*.example.com\", web1.example.com", "\"*.example.com\"").changes == [])
    }

    @Test func `what several patterns have together is not gained`() throws {
        // Of one label, every name that does not begin with `a` ends in none.
        let change = try #require(try diff("\"a*.example.com\", \"*b.example.com\"", "\"*.example.com\"").changes.first)
        #expect(change.direction == .widens)
        let host = try #require(change.host)
        #expect(!host.hasPrefix("a") && !host.hasSuffix("b.example.com") && host.hasSuffix(".example.com"), "\(host)")
        #expect("\(change)".contains("example: on \(host), "), "\(change)")
    }

    @Test func `patterns that take too much are said to be not compared, and nothing is missed`() throws {
        let many = (0..<40).map { "\"*a\($0)*b\($0)*c\($0)*.example.com\"" }.joined(separator: ", ")
        let diff = try diff(many, "\"*.example.com\"")
        #expect(diff.isWidening)
        let change = try #require(diff.changes.first { $0.direction == .widens })
        #expect(
            "\(change)".contains("could not be compared exactly: the patterns of hosts are too many or too large"), "\(change)")
    }

    @Test func `two hundred hosts within one pattern are compared`() throws {
        let hosts = (0..<200).map { "node-\($0).rack.example.com" }.joined(separator: ", ")
        #expect(try !diff("\"node-*.rack.example.com\"", hosts).isWidening)
        let gained = try diff(hosts, "\"node-*.rack.example.com\"")
        #expect(gained.changes.count == 1 && gained.changes.allSatisfy { $0.notComparedExactly == nil })
    }
}
