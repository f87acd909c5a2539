// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestSupport
import Testing

@testable import Client

struct ServiceCATests {
    private let authority: TestAuthority
    private let server: TestServer

    init() async throws {
        authority = try TestAuthority()
        server = try await TestServer(tls: try authority.tls(try authority.leaf()))
    }

    private var fingerprint: String { get throws { try #require(ServiceCA(der: try authority.der)).fingerprint } }

    @Test func `openssl computes the same fingerprint`() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(try authority.pem, to: "ca.pem")
        let hexadecimal = try await TestSupport.run("openssl", ["x509", "-in", path, "-noout", "-fingerprint", "-sha256"])
            .checked().stdout.split(separator: "=")[1].split(whereSeparator: { $0 == ":" || $0.isNewline })
        let hash = Data(hexadecimal.compactMap { UInt8($0, radix: 16) })
        #expect(try fingerprint == "SHA256:" + hash.base64EncodedString().replacing("=", with: ""))
    }

    @Test func `the CA that the server presents is found by its fingerprint, and nothing is asked`() async throws {
        let found = try await ServiceCA.presented(by: server.address, fingerprint: try fingerprint)
        #expect(try found.pem == authority.pem)
        #expect(try await ServiceCA.presented(by: server.address) == found)
        #expect(server.calls.isEmpty)
    }

    @Test func `another CA than expected is named, with what was expected`() async throws {
        let expected = "SHA256:" + String(repeating: "A", count: 43)
        await #expect(
            throws: ClientError.otherServiceCA(server: server.address.url, expected: expected, found: [try fingerprint])
        ) { try await ServiceCA.presented(by: server.address, fingerprint: expected) }
    }

    @Test func `a server that shows only its own certificate has no service CA`() async throws {
        let bare = try await TestServer(tls: try authority.tls(try authority.leaf(), chain: []))
        await #expect(throws: ClientError.noServiceCA(server: bare.address.url)) {
            try await ServiceCA.presented(by: bare.address)
        }
    }

    @Test func `nobody listening is said as such`() async throws {
        let address = try ServerAddress("https://127.0.0.1:\(try Loopback.freePort())")
        await #expect(throws: ClientError.unreachable(server: address.url, reason: "connection refused")) {
            try await ServiceCA.presented(by: address)
        }
    }

    @Test(arguments: [
        "", "SHA256:", "sha256:" + String(repeating: "A", count: 43), "SHA256:" + String(repeating: "A", count: 42),
        "SHA256:" + String(repeating: "A", count: 43) + "=", "SHA256:" + String(repeating: "A", count: 42) + "B",
        String(repeating: "A", count: 43),
    ])
    func `what is no fingerprint is refused`(_ text: String) {
        #expect(throws: ClientError.invalidFingerprint(text)) { try ServiceCA.checkFingerprint(text) }
    }

    @Test func `a server of another CA is not trusted`() async throws {
        let other = try TestAuthority().pem
        await #expect(throws: ClientError.untrustedServer(server.address.url)) {
            try await APIClient.connected(to: server.address, serviceCA: other, session: nil) { try await $0.status() }
        }
        #expect(server.calls.isEmpty)
    }

    @Test func `a certificate for another host is not trusted`() async throws {
        let stranger = try await TestServer(tls: try authority.tls(try authority.leaf(hosts: ["ca.example.com"])))
        let expected = ClientError.tlsFailed(
            server: stranger.address.url, reason: "its certificate is not for `localhost`")
        await #expect(throws: expected) {
            try await APIClient.connected(to: stranger.address, serviceCA: try authority.pem, session: nil) {
                try await $0.status()
            }
        }
        #expect(stranger.calls.isEmpty)
    }

    @Test func `an expired certificate is not trusted`() async throws {
        let late = try await TestServer(tls: try authority.tls(try authority.leaf(until: Date() - 1)))
        await #expect(throws: ClientError.untrustedServer(late.address.url)) {
            try await APIClient.connected(to: late.address, serviceCA: try authority.pem, session: nil) {
                try await $0.status()
            }
        }
    }
}
