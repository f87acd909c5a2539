// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import AuditLog

@Suite struct AuditEventTests {
    @Test func `the leaves are those of the golden file`() throws {
        let now = try SampleEvents.all.map { String(decoding: try $0.canonicalBytes, as: UTF8.self) + "\n" }.joined()
        #expect(now == (try Fixture.golden("events.jsonl", now: now)))
    }

    @Test func `the summaries are those of the golden file`() throws {
        let now = SampleEvents.all.map { $0.summary + "\n" }.joined()
        #expect(now == (try Fixture.golden("summaries.txt", now: now)))
    }

    @Test func `there is a sample of every type`() {
        #expect(Set(SampleEvents.all.map(\.type)) == Set(AuditEvent.Kind.allCases))
    }

    @Test(arguments: SampleEvents.all)
    func `an event comes back from its leaf`(event: AuditEvent) throws {
        let bytes = try event.canonicalBytes
        let read = try AuditEvent(canonical: bytes)
        #expect(read == event)
        #expect(try read.canonicalBytes == bytes)
        #expect(AuditEvent.isCanonical(bytes))
    }

    /// Its member names and their order are in two places; Foundation's encoder is the judge.
    @Test(arguments: SampleEvents.all)
    func `Foundation's encoder with sorted keys writes the same bytes`(event: AuditEvent) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(
            String(decoding: try event.canonicalBytes, as: UTF8.self)
                == String(decoding: try encoder.encode(event), as: UTF8.self))
    }

    @Test func `an event with every member has each of them in its leaf`() throws {
        let text = AuditEvent(
            time: SampleEvents.time, type: .certificateIssued, actor: SampleEvents.ana,
            request: .init(
                id: "a", role: "b", capability: "r", kind: .sshHost, host: "c", logins: [], names: [], lifetime: 1,
                reason: "d", ticket: "s", publicKey: "e", keyType: "f"),
            policy: "g", policySource: .init(commit: "t", signer: "u"),
            decision: .init(result: .allow, rule: "h", reasons: ["i"], narrowed: []),
            certificate: .init(
                kind: .server, serial: "j", issuer: "k", keyID: "l", principals: [], names: [],
                validAfter: SampleEvents.time, validBefore: SampleEvents.time, options: [:], digest: "m"),
            key: .init(fingerprint: "n", purpose: "o"),
            access: SampleEvents.access {
                $0 = SampleEvents.requested
                $0.request = "v"
                $0.reviewers = "w"
                $0.reviewWithin = 2
                $0.host = "x"
                $0.steps = []
                $0.signature = "y"
                $0.lost = []
                $0.until = SampleEvents.time
                $0.verdict = "z"
                $0.note = "aa"
            }, clock: .init(from: SampleEvents.time, to: SampleEvents.time), message: "p")
        #expect(try AuditEvent(canonical: try text.canonicalBytes) == text)
    }

    static let leaf = #"{"actor":{"claims":{"a":1},"provider":"p"},"time":"2026-11-23T10:00:00Z","type":"session.ended","v":1}"#

    static func changing(_ part: String, to replacement: String) -> String {
        leaf.replacing(part, with: replacement)
    }

    static func claims(_ json: String) -> String { changing(#"{"a":1}"#, to: json) }

    static let otherForms: [(String, AuditEventError)] = [
        ("", .notAnEvent),
        ("{}", .notAnEvent),
        ("null", .notAnEvent),
        ("[]", .notAnEvent),
        (leaf + "\n", .notCanonical),
        (" " + leaf, .notCanonical),
        ("\u{feff}" + leaf, .notCanonical),
        (leaf + leaf, .notAnEvent),
        (changing(#""v":1"#, to: #""v":2"#), .unknownVersion(2)),
        (changing(#""v":1"#, to: #""v":1.0"#), .notCanonical),
        (changing(#""v":1"#, to: #""v":"1""#), .notAnEvent),
        (changing(#","v":1"#, to: ""), .notAnEvent),
        (changing(#"session.ended","v":1"#, to: #"new.type","v":2"#), .unknownVersion(2)),
        (changing("session.ended", to: "session.begun"), .notAnEvent),
        (changing(#""v":1"#, to: #""v":1,"w":1"#), .notCanonical),
        (changing(#""time""#, to: #""surprise":1,"time""#), .notCanonical),
        (claims(#"{"a":1,"a":1}"#), .notCanonical),
        (claims(#"{"b":1,"a":1}"#), .notCanonical),
        (claims(#"{"a": 1}"#), .notCanonical),
        (claims(#"{"a":1.5}"#), .notAnEvent),
        (claims(#"{"a":1e2}"#), .notCanonical),
        (claims(#"{"a":-0}"#), .notCanonical),
        (claims(#"{"a":9223372036854775808}"#), .notAnEvent),
        (claims(#"{"a":{}}"#), .notAnEvent),
        (claims(#"{"a":"\/"}"#), .notCanonical),
        (claims(#"{"a":"\u0041"}"#), .notCanonical),
        (claims(#"{"a":"\ud800"}"#), .notAnEvent),
        (claims(#"{"a":"\u000A"}"#), .notCanonical),
        (claims("null"), .notCanonical),
        (changing("2026-11-23T10:00:00Z", to: "2026-11-23T10:00:00.000Z"), .notAnEvent),
        (changing("2026-11-23T10:00:00Z", to: "2026-11-23T11:00:00+01:00"), .notAnEvent),
    ]

    @Test(arguments: otherForms)
    func `a leaf in another form is refused for its reason`(text: String, error: AuditEventError) {
        #expect(throws: error) { try AuditEvent(canonical: Array(text.utf8)) }
        #expect(!AuditEvent.isCanonical(Array(text.utf8)))
    }

    @Test func `a truncated or bit-flipped leaf is refused or another event`() throws {
        for event in SampleEvents.all {
            let bytes = try event.canonicalBytes
            for length in stride(from: 0, to: bytes.count, by: 7) {
                #expect(throws: AuditEventError.self) { try AuditEvent(canonical: Array(bytes.prefix(length))) }
            }
            for index in bytes.indices {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(index % 8)
                guard let read = try? AuditEvent(canonical: flipped) else { continue }
                #expect(try read.canonicalBytes == flipped)
                #expect(read != event)
            }
        }
    }

    @Test func `an event that is too long is neither written nor read`() throws {
        var event = AuditEvent(time: SampleEvents.time, type: .policyRefused, message: "")
        let room = AuditEvent.maximumBytes - (try event.canonicalBytes.count)
        event.message = String(repeating: "a", count: room)
        #expect(try AuditEvent(canonical: try event.canonicalBytes) == event)
        event.message = String(repeating: "a", count: room + 1)
        #expect(throws: AuditEventError.tooLong(AuditEvent.maximumBytes + 1)) { try event.canonicalBytes }
        let bytes = [UInt8](repeating: 0x5b, count: AuditEvent.maximumBytes + 1)
        #expect(throws: AuditEventError.tooLong(bytes.count)) { try AuditEvent(canonical: bytes) }
    }

    @Test func `claims nested too deep are neither written nor read`() throws {
        func event(nesting: Int) -> AuditEvent {
            let claim = (0..<nesting).reduce(AuditClaim.integer(1)) { inner, _ in .list([inner]) }
            return AuditEvent(
                time: SampleEvents.time, type: .sessionEnded, actor: .init(provider: "p", claims: ["a": claim]))
        }
        let deepest = event(nesting: AuditClaim.deepestNesting)
        #expect(try AuditEvent(canonical: try deepest.canonicalBytes) == deepest)
        #expect(throws: AuditEventError.nestedTooDeep) { try event(nesting: AuditClaim.deepestNesting + 1).canonicalBytes }
        for depth in [AuditClaim.deepestNesting + 1, 500, 513, 30_000] {
            let value = String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
            let text = Self.claims(#"{"a":\#(value)}"#)
            #expect(throws: AuditEventError.notAnEvent) { try AuditEvent(canonical: Array(text.utf8)) }
        }
    }

    @Test func `members are ordered by UTF-16 and only what must be is escaped`() throws {
        let claims: [String: AuditClaim] = [
            "\u{1f600}": .integer(.min), "\u{fb33}": .integer(.max), "b": .absent, "a\u{0}": .string("\u{7f}\u{2028}/"),
            "": .string("\u{8}\u{9}\u{a}\u{c}\u{d}\u{1}\u{1f}\"\\"),
        ]
        let event = AuditEvent(time: SampleEvents.time, type: .sessionEnded, actor: .init(provider: "p", claims: claims))
        let bytes = try event.canonicalBytes
        let text = String(decoding: bytes, as: UTF8.self)
        let expected =
            #"{"":"\b\t\n\f\r\u0001\u001f\"\\","a\u0000":"\#u{7f}\#u{2028}/","b":null,"#
            + #""\#u{1f600}":-9223372036854775808,"\#u{fb33}":9223372036854775807}"#
        #expect(text.contains(expected))
        #expect(try AuditEvent(canonical: bytes) == event)
    }
}
