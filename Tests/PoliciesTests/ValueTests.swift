// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictYAML
import TestSupport
import Testing

@testable import Policies

@Suite struct `Addresses and networks` {
    @Test(arguments: [
        ("10.1.2.3", "10.1.2.3"), ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::0:1", "2001:db8::1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("::ffff:10.1.2.3", "10.1.2.3"), ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
    ])
    func `an address is read and written in one form`(text: String, canonical: String) throws {
        #expect(try #require(IPAddress(text)).description == canonical)
        #expect(IPAddress(canonical) == IPAddress(text))
    }

    @Test(arguments: [
        "", "1", "10.1.2", "10.1.2.3.4", "10.01.2.3", "10.1.2.256", "10.1.2.-3", "10.1.2.3 ", "0x7f.1", ":", ":::", "1::2::3",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "12345::", "g::", "fe80::1%eth0", "1.2.3.4::", "::1.2.3",
        "[::1]", "１.1.1.1",
    ])
    func `what is no address is refused`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "::1", false), ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.7/32", "192.0.2.7", true),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
        ("10.0.0.0/8", "::ffff:10.1.1.1", true),
    ])
    func `a network contains what shares its prefix`(network: String, address: String, isInside: Bool) throws {
        #expect(try IPNetwork(network).contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(arguments: [
        ("10.1.2.3/8", "`10.1.2.3/8` has bits after its prefix; write `10.0.0.0/8`"),
        ("10.1.2.3", "`10.1.2.3` has no prefix length; write `10.1.2.3/32`"),
        ("10.0.0.0/33", "`10.0.0.0/33` is not a network; expected the form `10.0.0.0/8` or `2001:db8::/32`"),
        ("10.0.0.0/08", "`10.0.0.0/08` is not a network; expected the form `10.0.0.0/8` or `2001:db8::/32`"),
        ("::ffff:0.0.0.0/96", "`::ffff:0.0.0.0/96` is not a network; expected the form `10.0.0.0/8` or `2001:db8::/32`"),
    ])
    func `a network that says two things is refused with what to write`(text: String, message: String) {
        let error = #expect(throws: IPNetworkError.self) { try IPNetwork(text) }
        #expect(error?.description == message)
    }
}

@Suite struct `Durations and times` {
    @Test(arguments: [("1s", 1), ("30s", 30), ("10m", 600), ("8h", 28_800), ("7d", 604_800), ("1w", 604_800)])
    func `a duration is a whole number and a unit`(text: String, seconds: Int) throws {
        #expect(try PolicyDuration.parse(text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "s", "1", "1.5h", "-1h", "+1h", " 1h", "1h ", "01h", "1h30m", "1H", "1y", "1 h", "٣h", "0x1h", "h1",
        "99999999999999999999h",
    ])
    func `other spellings of a duration are refused`(text: String) {
        #expect(throws: PolicyDurationError.self) { try PolicyDuration.parse(text) }
    }

    @Test func `no time and more than a century are refused by name`() {
        #expect(throws: PolicyDurationError.zero("0s")) { try PolicyDuration.parse("0s") }
        #expect(throws: PolicyDurationError.tooLong("5300w")) { try PolicyDuration.parse("5300w") }
        #expect(throws: PolicyDurationError.tooLong("9223372036854775807w")) {
            try PolicyDuration.parse("9223372036854775807w")
        }
    }

    @Test(arguments: ["1s", "59s", "61s", "1m", "90m", "8h", "36h", "7d"])
    func `a duration is written as it is read`(text: String) throws {
        #expect(PolicyDuration.text(try PolicyDuration.parse(text)) == text)
    }

    @Test(arguments: [(0, "0s"), (59, "59s"), (61, "1m"), (7_300, "2h"), (172_800, "2d")])
    func `a rough duration is rounded down`(seconds: Int, text: String) {
        #expect(PolicyDuration.rough(.seconds(seconds)) == text)
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("2000-02-29T00:00:00Z", 951_782_400), ("2026-11-23T10:00:00Z", 1_795_428_000),
        ("2026-11-23T11:00:00+01:00", 1_795_428_000), ("2026-11-23T05:30:00-04:30", 1_795_428_000),
    ])
    func `a time is read with its offset`(text: String, seconds: Double) {
        #expect(Timestamp.parse(text)?.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "2026-11-23", "2026-11-23 10:00:00Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:60Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00+0100",
        "1969-12-31T23:59:59Z", "2026-1-01T00:00:00ZZ",
    ])
    func `what is no time is refused`(text: String) {
        #expect(Timestamp.parse(text) == nil)
    }
}

@Suite struct `Host names and patterns` {
    @Test(arguments: ["localhost", "web1.prod.example.com", "10.0.0.1", "2001:db8::1", "xn--mnchen-3ya.de", "a-b.c"])
    func `a host is a lower-case DNS name or an address`(text: String) throws {
        #expect(try HostName(text).text == text)
    }

    @Test(arguments: [
        ("", HostNameError.empty), ("example.com.", .trailingDot("example.com.")),
        ("Web.example.com", .upperCase("Web.example.com")),
        ("*.example.com", .wildcard("*.example.com")), ("a..b", .malformed("a..b")), ("-a.b", .malformed("-a.b")),
        ("a-.b", .malformed("a-.b")), ("a_b.c", .malformed("a_b.c")), ("a\u{0}.b", .malformed("a\u{0}.b")),
        ("a b", .malformed("a b")),
        ("münchen.de", .malformed("münchen.de")), ("1.2.3", .malformed("1.2.3")), ("10.0.0.256", .malformed("10.0.0.256")),
        ("a,b", .malformed("a,b")), ("2001:DB8::1", .address("2001:DB8::1", canonical: IPAddress("2001:db8::1")!)),
        (String(repeating: "a", count: 64) + ".b", .malformed(String(repeating: "a", count: 64) + ".b")),
        (String(repeating: "a.", count: 127), .tooLong),
    ])
    func `another name is refused with the reason`(text: String, error: HostNameError) {
        #expect(throws: error) { try HostName(text) }
    }

    @Test func `what cannot be seen is shown as an escape`() {
        #expect(HostNameError.malformed("a\u{0}\u{202E}b").description.hasPrefix("`a\\u{0}\\u{202e}b` is not a host name"))
    }

    @Test(arguments: [
        ("*.lab.example.com", "db.lab.example.com", true), ("*.lab.example.com", "a.b.lab.example.com", false),
        ("*.lab.example.com", "lab.example.com", false), ("web*.example.com", "web12.example.com", true),
        ("web*.example.com", "web.example.com", true), ("web*.example.com", "web1.x.example.com", false),
        ("w*b*.example.com", "wxxbyy.example.com", true), ("localhost", "localhost", true), ("localhost", "localhos", false),
        ("10.0.0.1", "10.0.0.1", true), ("*.0.0.one", "10.0.0.1", false),
    ])
    func `a star stays within its label`(pattern: String, host: String, matches: Bool) throws {
        #expect(try HostPattern(pattern).matches(HostName(host)) == matches)
    }

    @Test(arguments: ["*.", "**.Example.com", "a.*.", "-*.com", "*.1", "*..com", "*_.com", ""])
    func `an invalid pattern is refused`(text: String) {
        #expect(throws: HostNameError.self) { try HostPattern(text) }
    }

    @Test(arguments: ["**.example.com", "web**.example.com", "a.***.b"])
    func `two stars in a row are refused, for elsewhere they mean any number of labels`(text: String) {
        #expect(throws: HostNameError.twoStars(text)) { try HostPattern(text) }
    }
}

@Suite struct `Text patterns` {
    @Test(arguments: [
        (#"^(INC|CHG)-\d+"#, "INC-12 disk full", true), (#"^(INC|CHG)-\d+"#, "see INC-12", false),
        ("b+", "abbbc", true), ("^a?b?$", "", true), ("^a{2,3}$", "aa", true), ("^a{2,3}$", "aaaa", false),
        ("^a{2,}$", "aaaaa", true),
        ("^[^0-9]+$", "abc", true), ("^[^0-9]+$", "ab1", false), (#"^[\w.-]+@x\.y$"#, "a.b-c@x.y", true),
        ("^(?:a|b|)c$", "c", true),
        ("^.$", "é", true), ("a|b", "xxb", true), (#"\S\s\S"#, "a b", true), ("^(a*)*$", "aaab", false),
    ])
    func `a pattern finds its text`(pattern: String, text: String, matches: Bool) throws {
        #expect(try TextPattern(pattern).matches(text) == matches)
    }

    @Test(arguments: [
        "(", ")", "a)", "[", "[]", "[z-a]", "*", "a**", "a*?", "a{2", "a{3,2}", "a{201}", "{", "a{,3}", #"\"#, #"(a)\1"#,
        #"\b"#,
        "(?=a)", "(?<n>a)", "(?i)a", "^*", #"[\D]"#, "[[:alpha:]]", "}", "]",
    ])
    func `what is not supported is refused`(pattern: String) {
        #expect(throws: TextPatternError.self) { try TextPattern(pattern) }
    }

    @Test func `patterns that would explode are refused or answered at once`() throws {
        #expect(throws: TextPatternError.tooLarge) { try TextPattern("((a{100}){100}){100}") }
        #expect(throws: TextPatternError.tooLarge) { try TextPattern("((((){200}){200}){200}){200}") }
        #expect(throws: TextPatternError.tooLong) { try TextPattern(String(repeating: "a", count: 201)) }
        let text = String(repeating: "a", count: 500)
        let start = ContinuousClock.now
        #expect(try TextPattern("^(a+)+(a|aa)+(a*)*b$").matches(text) == false)
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    /// Foundation's engine has the last word on patterns that both know.
    @Test func `random patterns agree with another engine`() throws {
        var random = SeededGenerator(seed: 7)
        let pieces = ["a", "b", "[ab]", "[^a]", ".", "(a|b)", "(ab|c)", "a*", "b+", "(ab)?", "a{2}", "(a|){1,2}", "^", "$"]
        for _ in 0..<400 {
            let pattern = (0..<Int.random(in: 1...5, using: &random)).map { _ in pieces.randomElement(using: &random)! }
                .joined()
            let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in ["a", "b", "c"].randomElement(using: &random)! }
                .joined()
            let other = try NSRegularExpression(pattern: pattern)
            let expected = other.firstMatch(in: text, range: NSRange(location: 0, length: text.utf16.count)) != nil
            #expect(try TextPattern(pattern).matches(text) == expected, "`\(pattern)` in `\(text)`")
        }
    }
}

@Suite struct `Patterns for claims` {
    @Test(arguments: [
        ("*", "", true), ("*", "a", true), ("*", "a/b", false), ("**", "a/b", true), ("a/*", "a/", true), ("a/*", "a", false),
        ("a/*/c", "a/b/c", true), ("a/*/c", "a/b/b/c", false), ("a/**/c", "a/b/b/c", true), ("a/**/c", "a/c", false),
        ("a*c*e", "abcde", true), ("a*c*e", "abde", false), ("**b*", "a/b/b", true), ("**b*", "a/b/c", false),
        ("*/**x", "a/b/x", true), ("a?", "ab", false), ("é*", "éa", true), ("A*", "ab", false),
    ])
    func `one star stays between slashes, two do not`(pattern: String, text: String, matches: Bool) throws {
        #expect(try ClaimGlob(pattern).matches(text) == matches)
    }

    @Test func `a pattern of many stars is answered at once`() throws {
        let glob = try ClaimGlob(String(repeating: "*a", count: 127) + "b")
        let start = ContinuousClock.now
        #expect(!glob.matches(String(repeating: "a", count: 4096)))
        #expect(ContinuousClock.now - start < .seconds(60))
    }
}

@Suite struct `Names for certificates` {
    @Test(arguments: [
        (NamePlace.login, "ana", true), (.login, "_apt", true), (.login, "a.b-c_d9", true), (.login, "9a", false),
        (.login, "", false),
        (.login, "Ana", false), (.login, "a,b", false), (.login, "a b", false),
        (.login, String(repeating: "a", count: 33), false),
        (.commonName, "Ana Example", true), (.commonName, "ana@example.com", true), (.commonName, "a,O=b", false),
        (.commonName, "a+b", false), (.commonName, "a\u{0}", false), (.commonName, " a", false),
        (.commonName, "*.example.com", false),
        (.commonName, String(repeating: "a", count: 65), false), (.commonName, "é", false),
        (.organization, "system:masters", true), (.organization, "a+b", false), (.organization, "a,O=b", false),
        (.organization, "", false),
        (.organization, String(repeating: "a", count: 65), false), (.organization, String(repeating: "a", count: 64), true),
        (.email, "ana.b@example.com", true), (.email, "a@b@example.com", false), (.email, "@example.com", false),
        (.email, ".a@b.com", false),
        (.email, "a@Example.com", false), (.email, "a@10.0.0.1", false),
        (.uri, "spiffe://example.com/a/b", true), (.uri, "spiffe://example.com", false), (.uri, "spiffe://example.com/", false),
        (.uri, "spiffe://Example.com/a", false), (.uri, "spiffe://example.com/a//b", false),
        (.uri, "spiffe://example.com/a/../b", false),
        (.uri, "spiffe://example.com/a%2fb", false), (.uri, "spiffe://example.com:80/a", false),
        (.uri, "spiffe://u@example.com/a", false),
        (.uri, "spiffe:/a", false), (.uri, "https://example.com/a", true), (.uri, "urn:example:a", true),
        (.uri, "no-scheme", false),
        (.uri, "https://a/b?c=d", false), (.uri, "https://a/b#c", false), (.uri, "https://a/ b", false),
        (.uri, "HTTPS://a/b", false),
    ])
    func `each place takes its own names`(place: NamePlace, name: String, isValid: Bool) {
        #expect(place.accepts(whole: name) == isValid)
    }

    @Test(arguments: [
        ("web", true), ("a.b@c:d/e+f=g", true), ("deploy@zone:x", false), ("x@host:y", false), ("a,b", false), ("a b", false),
        ("a*", false),
        ("a?", false), ("", false), ("a\n", false),
    ])
    func `a plain principal is neither a list nor a pattern nor one of ours`(name: String, isValid: Bool) {
        #expect(Names.isPlainPrincipal(name) == isValid)
    }

    @Test(
        arguments: [
            ("lifetme", "lifetime"), ("role", "roles"), ("rol", nil), ("dney", "deny"), ("hots", "hosts"), ("during", nil),
            ("approval", nil),
        ] as [(String, String?)])
    func `the nearest word is a typing mistake away`(word: String, nearest: String?) {
        #expect(NearestWord.to(word, among: ["lifetime", "roles", "deny", "hosts", "allow"]) == nearest)
    }
}
