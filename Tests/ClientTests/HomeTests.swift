// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SwiftASN1
import TestSupport
import Testing

@testable import Client

struct HomeTests {
    private let now = Date()

    @Test func `the state is closed to others`() throws {
        let test = try TestHome()
        let folders = [test.home.path, test.home.path + "/servers", test.state.path]
        #expect(try folders.map(mode(of:)) == [0o700, 0o700, 0o700])
        let files = try FileManager.default.contentsOfDirectory(atPath: test.state.path)
        #expect(files.sorted() == ["authorities.json", "server.json", "service.pem"])
        for file in files { #expect(try mode(of: "\(test.state.path)/\(file)") == 0o600) }
    }

    @Test func `a home that others can write is refused`() throws {
        let test = try TestHome()
        try FileManager.default.setAttributes([.posixPermissions: 0o770], ofItemAtPath: test.home.path)
        #expect(throws: ClientError.homeOpenToOthers(path: test.home.path)) { try test.home.server() }
    }

    @Test(arguments: [0o640, 0o604, 0o620]) func `a file that others could use is found`(_ mode: Int) throws {
        let test = try TestHome()
        try StateFiles.check(test.state.path)
        let path = test.state.path + "/service.pem"
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        #expect(throws: ClientError.openToOthers(path: path)) { try StateFiles.check(test.state.path) }
    }

    @Test func `what is neither file nor folder is found`() throws {
        let test = try TestHome()
        let path = test.state.path + "/session.pem"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
        #expect(throws: ClientError.unreadable(path: path)) { try StateFiles.check(test.state.path) }
    }

    @Test(arguments: [
        ("Thu, 26 Nov 2026 12:00:01 GMT", 1_795_694_401), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
    ])
    func `the date of a reply is read`(_ text: String, _ seconds: Double) {
        #expect(HTTPDate.parse(text) == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: [
        "", "Thu, 26 Nov 2026 12:00:01 UTC", "Thu, 26 nov 2026 12:00:01 GMT", "Thursday, 26-Nov-26 12:00:01 GMT",
        "Thu, 99 Nov 2026 12:00:01 GMT",
    ])
    func `a date in another form is none`(_ text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    @Test func `MAYFLY_HOME comes before HOME`() throws {
        #expect(try Home(environment: ["MAYFLY_HOME": "/a", "HOME": "/b"]).path == "/a")
        #expect(try Home(environment: ["MAYFLY_HOME": "", "HOME": "/b"]).path == "/b/.config/mayfly")
        #expect(throws: ClientError.noHome) { try Home(environment: [:]) }
    }

    @Test func `the last server is meant unless another is named`() throws {
        let test = try TestHome()
        #expect(try test.home.server().address.url == "https://ca.example.com:443")
        #expect(try test.home.server("https://CA.example.com/").address == test.state.address)
        #expect(throws: ClientError.unknownServer("https://other.example.com:443")) {
            try test.home.server("https://other.example.com")
        }
    }

    @Test func `a home without a server says so`() throws {
        let directory = try TemporaryDirectory()
        let home = try Home(environment: ["MAYFLY_HOME": directory.file("home")])
        #expect(throws: ClientError.noServer) { try home.server() }
    }

    @Test func `a session is kept until it ends`() throws {
        let test = try TestHome()
        #expect(throws: ClientError.notLoggedIn(server: test.state.address.url)) { try test.state.session(now: now) }
        let key = SessionKey()
        let end = Date(timeIntervalSince1970: (now.timeIntervalSince1970 + 100).rounded())
        let leaf = try TestAuthority().leaf(key: P256.Signing.PrivateKey(pemRepresentation: key.pem), until: end)
        let session = try Session(key: key, certificate: try leaf.certificate.serializeAsPEM().pemString)
        try test.state.remember(session)
        #expect(try test.state.session(now: now).key.pem == key.pem)
        #expect(throws: ClientError.sessionExpired(server: test.state.address.url, at: end)) {
            try test.state.session(now: end)
        }
        #expect(test.state.endSession() == [])
        #expect(throws: ClientError.notLoggedIn(server: test.state.address.url)) { try test.state.session(now: now) }
    }

    @Test func `a session certificate for another key is refused`() throws {
        let pem = try TestAuthority().leaf().certificate.serializeAsPEM().pemString
        #expect(throws: ClientError.certificateOfOtherKey) { try Session(key: SessionKey(), certificate: pem) }
    }

    @Test(arguments: ["", "{}", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func `a damaged session is refused`(_ text: String) throws {
        let test = try TestHome()
        let path = test.state.path + "/session.pem"
        try AtomicFile.write(text, to: path)
        #expect(throws: ClientError.damaged(path: path)) { try test.state.session(now: now) }
    }
}
