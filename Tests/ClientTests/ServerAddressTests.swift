// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Client

struct ServerAddressTests {
    @Test(arguments: [
        ("https://ca.example.com", "https://ca.example.com:443"),
        ("https://CA.Example.com/", "https://ca.example.com:443"),
        ("https://localhost:8443", "https://localhost:8443"),
        ("https://127.0.0.1:1", "https://127.0.0.1:1"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://[fe80::1]", "https://[fe80::1]:443"),
    ])
    func `an address has one form`(_ text: String, _ url: String) throws {
        let address = try ServerAddress(text)
        #expect(address.url == url)
        #expect(try ServerAddress(address.url) == address)
    }

    @Test(arguments: [
        "", "ca.example.com", "http://ca.example.com", "https://", "https:///", "https://ca.example.com/v1",
        "https://ca.example.com?x", "https://ca.example.com#x", "https://user@ca.example.com", "https://ca.example.com:",
        "https://ca.example.com:0", "https://ca.example.com:65536", "https://ca.example.com:+1", "https://ca.example.com:08",
        "https://ca.example.com:8443:1", "https://::1", "https://[::1", "https://[::1]x", "https://[localhost]",
        "https://ca example.com", "https://ca.example.com\n", "https://-ca.example.com", "https://../..", "https://cä.example",
        "https://ca.example.com\\", "https://%63a.example.com",
    ])
    func `what is no address of a server is refused`(_ text: String) {
        #expect(throws: ClientError.invalidAddress(text)) { try ServerAddress(text) }
    }
}
