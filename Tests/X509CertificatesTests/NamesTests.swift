// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

struct NamesTests {
    @Test(arguments: [
        "localhost", "web1.example.com", "a.b", "xn--bcher-kva.example", "1and1.example", "10.example", "a--b.example",
        "a-b-c", String(repeating: "a", count: 63) + ".example",
        Array(repeating: String(repeating: "a", count: 62), count: 4).joined(separator: ".") + "a",
    ])
    func `a good DNS name is taken as it is`(_ text: String) throws {
        #expect(try DNSName(text).text == text)
    }

    @Test(
        arguments: [
            ("", NameError.DNSFault.empty), ("*.example.com", .wildcard), ("w*.example.com", .wildcard), ("*", .wildcard),
            ("Web.example.com", .upperCase), ("example.coM", .upperCase), ("example.com.", .trailingDot), (".", .trailingDot),
            ("bücher.example", .notASCII), ("ｅxample.com", .notASCII), ("example．com", .notASCII), ("\u{FFFD}", .notASCII),
            ("10.1.2.3", .address), ("2001:db8::1", .address), ("10.1.2.300", .malformed), ("1.2.3", .malformed),
            ("0x7f.1", .malformed), ("a..b", .malformed), (".a", .malformed), ("-a.example", .malformed),
            ("a-.example", .malformed),
            ("a_b.example", .malformed), ("a b", .malformed), ("a\u{0}.example", .malformed), ("a\n", .malformed),
            ("a\u{7f}", .malformed), ("a:443", .malformed), ("a/b", .malformed), ("ab--c.example", .malformed),
            ("a@b", .malformed),
            (String(repeating: "a", count: 64) + ".example", .malformed),
            (Array(repeating: String(repeating: "a", count: 62), count: 4).joined(separator: ".") + "aaa", .tooLong),
        ] as [(String, NameError.DNSFault)])
    func `anything else is no DNS name, and the reason says why`(_ text: String, _ fault: NameError.DNSFault) {
        #expect(throws: NameError.dns(text, fault)) { try DNSName(text) }
        let message = NameError.dns(text, fault).description
        #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7f || $0 == "…" })
    }

    @Test(
        arguments: [
            ("0.0.0.0", [0, 0, 0, 0]), ("10.1.2.255", [10, 1, 2, 255]),
            ("::", Array(repeating: 0, count: 16)),
            ("::1", Array(repeating: 0, count: 15) + [1]),
            ("2001:db8::1", [0x20, 0x01, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [1]),
            ("2001:db8:0:1:1:1:1:1", [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]),
            ("2001:0:0:1::1", [0x20, 0x01, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]),
            ("fe80::", [0xfe, 0x80] + Array(repeating: 0, count: 14)),
            ("1:2:3:4:5:6:7:abcd", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0xab, 0xcd]),
        ] as [(String, [UInt8])])
    func `an address in its usual form is taken`(_ text: String, _ bytes: [UInt8]) throws {
        #expect(try IPAddressName(text).bytes == bytes)
        #expect(try IPAddressName(bytes: bytes).description == text)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.", " 1.2.3.4", "1.2.3.4/24", "0x1.2.3.4", "+1.2.3.4",
        ":", ":::", "1::2::3", "2001:DB8::1", "2001:0db8::1", "2001:db8:0:0::1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "::ffff:10.1.2.3", "::ffff:a01:203", "fe80::1%eth0", "[::1]", "1:2:3:4:5:6:7::", "12345::", ":1", "1:", "::1 ",
        "2001:db8::0:1:1:1:1:1", "１.2.3.4", "1.2.3.4\u{0}",
    ])
    func `another form of an address is refused`(_ text: String) {
        #expect(throws: NameError.ip(text)) { try IPAddressName(text) }
    }

    @Test(arguments: ["a@b.example", "Ana.B+x_y-z@example.com", "root@localhost"])
    func `a good e-mail address is taken`(_ text: String) throws {
        #expect(try EmailName(text).text == text)
    }

    @Test(arguments: [
        "", "a", "@", "a@", "@b.example", "a@b@c", "a@B.example", "a@b.example.", "a@*.example", ".a@b.example", "a.@b.example",
        "a..b@c.example", "a b@c.example", "\"a\"@b.example", "a@[10.1.2.3]", "a@10.1.2.3", "ä@b.example", "a@bücher.example",
        "a\u{0}@b.example", "a@b.example\u{0}", "*@b.example", "a,b@c.example", "<a@b.example>",
        String(repeating: "a", count: 65) + "@b.example",
    ])
    func `anything else is no e-mail address`(_ text: String) {
        #expect(throws: NameError.email(text)) { try EmailName(text) }
    }

    @Test(arguments: [
        "urn:mayfly:session:0123456789abcdef", "https://example.com", "https://example.com/", "https://example.com/a/b",
        "https://example.com:8443/a", "https://10.1.2.3/a", "spiffe://example.com/web",
        "spiffe://prod_1.example/ns/a/sa/B.c-d_e",
        "tag:example.com:a",
    ])
    func `a good URI is taken`(_ text: String) throws {
        #expect(try URIName(text).text == text)
    }

    @Test(arguments: [
        "", "a", "/a", "//example.com/a", ":a", "1a:b", "HTTPS://example.com", "Https://example.com", "https://Example.com/",
        "https:", "https:///a", "https:/a", "https://a@example.com/", "https://example.com/?q", "https://example.com/#f",
        "https://example.com/%2e", "https://example.com/a/../b", "https://example.com/./a", "https://example.com//a",
        "https://*.example.com/", "https://example.com./", "https://example.com:/", "https://example.com:0/",
        "https://example.com:65536/", "https://example.com:080/", "https://bücher.example/", "urn:a b", "urn:a\u{0}",
        "urn:a\n", "urn:" + String(repeating: "a", count: 2045),
    ])
    func `anything else is no URI`(_ text: String) {
        #expect(throws: NameError.uri(text)) { try URIName(text) }
    }

    @Test(arguments: [
        "spiffe:", "spiffe:a", "spiffe://", "spiffe://example.com", "spiffe://example.com/", "spiffe://example.com/a/",
        "spiffe://example.com//a", "spiffe:///a", "spiffe://Example.com/a", "spiffe://example.com:443/a", "spiffe://a@b/c",
        "spiffe://example.com/a/../b", "spiffe://example.com/.", "spiffe://example.com/a%41", "spiffe://example.com/a?b",
        "spiffe://example.com/a#b", "spiffe://example.com/ä", "spiffe://example.com/a:b", "spiffe://ex*mple.com/a",
        "spiffe://" + String(repeating: "a", count: 256) + "/b",
    ])
    func `anything else is no SPIFFE ID`(_ text: String) {
        #expect(throws: NameError.spiffeID(text)) { try URIName(text) }
    }

    @Test(arguments: ["", " a", "a ", "a\u{0}", "a\nb", "ä", "*.example.com", "a\u{7f}", String(repeating: "a", count: 65)])
    func `such a common name is refused`(_ text: String) {
        #expect(throws: NameError.commonName(text)) { try CommonName(text) }
    }

    @Test func `no name may come twice`() {
        #expect(throws: NameError.duplicate("a.example")) { try SubjectNames(dns: ["a.example", "b.example", "a.example"]) }
        #expect(throws: NameError.duplicate("::1")) { try SubjectNames(ips: ["::1", "::1"]) }
        #expect(throws: NameError.duplicate("a@b.example")) { try SubjectNames(emails: ["a@b.example", "a@b.example"]) }
        #expect(throws: NameError.duplicate("urn:a:b")) { try SubjectNames(uris: ["urn:a:b", "urn:a:b"]) }
    }

    @Test func `a SPIFFE ID is the only URI`() throws {
        let id = "spiffe://example.com/a"
        #expect(throws: NameError.spiffeIDNotAlone(id)) { try SubjectNames(uris: ["urn:a:b", id]) }
        #expect(try SubjectNames(dns: ["a.example"], uris: [id]).uris.map(\.text) == [id])
    }

    @Test func `the number of names is limited`() throws {
        let names = (0...SubjectNames.maximumCount).map { "host\($0).example" }
        #expect(try SubjectNames(dns: Array(names.dropLast())).dns.count == SubjectNames.maximumCount)
        #expect(throws: NameError.tooMany(limit: 256)) { try SubjectNames(dns: names) }
    }

    @Test func `names are read as they were written`() throws {
        let names = try SubjectNames.sample()
        #expect(try SubjectNames(generalNames: names.encoded[...]) == names)
        #expect(names.described.first == "DNS:web1.example.com")
    }
}
