// SPDX-License-Identifier: Apache-2.0

import Foundation
import Notifications
import StrictYAML
import Testing

@testable import mayfly

@Suite struct ReceiverConfigurationTests {
    private func parse(_ text: String) throws -> [ReceiverConfiguration] {
        try Configuration(parsing: Array(text.utf8), file: "mayfly.yaml").receivers
    }

    @Test func `receivers are read in their order`() throws {
        let receivers = try parse(
            """
            receivers:
              pager: {type: webhook, url: "https://pager.example.com/hook", secret_file: keys/pager, events: [access.break-glass]}
              oncall: {type: slack, url_file: keys/slack}
              mail: {type: email, server: "smtp.example.com:587", username: mayfly, password_file: keys/mail, from: ca@example.com, to: [a@example.com]}
            """)
        #expect(receivers.map(\.name.text) == ["pager", "oncall", "mail"])
        #expect(receivers[0].kinds == [.breakGlassUsed])
        #expect(receivers[1].channel == .slack(urlFile: "keys/slack"))
        guard case .email(let mail) = receivers[2].channel else { throw CancellationError() }
        #expect(mail.security == .startTLS)
    }

    @Test func `mail may go to nobody but the people it concerns`() throws {
        let receiver = try parse(
            """
            receivers:
              mail: {type: email, server: "127.0.0.1:25", tls: none, from: ca@example.com, people: [Example.com]}
            """)[0]
        guard case .email(let mail) = receiver.channel else { throw CancellationError() }
        #expect(mail.to.isEmpty)
        #expect(mail.peopleOf == ["example.com"])
    }

    @Test func `links lead to where people reach the service`() throws {
        func address(_ text: String) throws -> String? {
            try Configuration(parsing: Array(text.utf8), file: "mayfly.yaml").address?.text
        }
        #expect(try address("listen: \"0.0.0.0:8443\"\nhosts: [ca.example.com]") == "https://ca.example.com:8443")
        #expect(try address("listen: \"0.0.0.0:443\"\nhosts: [ca.example.com]") == "https://ca.example.com")
        #expect(try address("listen: \"0.0.0.0:443\"\nhosts: [\"::1\"]") == "https://[::1]")
        #expect(try address("listen: \"0.0.0.0:0\"\nhosts: [ca.example.com]") == nil)
        #expect(try address("listen: \"0.0.0.0:0\"\nurl: https://go.example.com/ca") == "https://go.example.com/ca")
        #expect(throws: YAMLErrors.self) { try address("url: \"http://ca.example.com\"") }
    }

    @Test(arguments: [
        ("a: {type: slack}", "receiver `a` needs `url_file`"),
        ("a: {url_file: x}", "receiver `a` needs a `type`"),
        ("a: {type: pigeon}", "`pigeon` is no type of receiver"),
        ("A: {type: slack, url_file: x}", "`A` is no name of a receiver"),
        ("a: {type: slack, url: x}", "unknown key `url` in receiver `a`"),
        ("a: {type: webhook, url: \"http://example.com/\", secret_file: x}", "not `https`"),
        ("a: {type: slack, url_file: x, events: [access.asked]}", "`access.asked` is unknown in `events`"),
        (
            "a: {type: email, server: \"m.example.com:25\", tls: none, from: a@b.example, to: [a@b.example]}",
            "`tls: none` is only for a server on this machine"
        ),
        (
            "a: {type: email, server: \"127.0.0.1:25\", tls: none, username: u, password_file: p, from: a@b.example, to: [a@b.example]}",
            "`tls: none` is only for a server on this machine, without a password"
        ),
        (
            "a: {type: email, server: \"m.example.com:25\", username: u, from: a@b.example, to: [a@b.example]}",
            "belong together"
        ),
        (
            "a: {type: email, server: \"m.example.com:25\", from: a@b.example, people: [\"@b.example\"]}",
            "`@b.example` is no domain such as `example.com`"
        ),
        ("a: {type: email, server: \"m.example.com:25\", from: a, to: [a@b.example]}", "`a` is no mail address"),
        ("a: {type: email, server: \"m.example.com:25\", from: a@b.example}", "needs `to` or `people`"),
    ])
    func `what is wrong is named`(_ text: String, _ problem: String) {
        let error = #expect(throws: YAMLErrors.self) { try parse("receivers: {\(text)}") }
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
    }

    @Test func `a secret that everybody may read, or of the wrong form, is refused without being named`() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/mayfly-receivers-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let directory = CADirectory(path: folder)
        let receiver = try parse("receivers: {a: {type: slack, url_file: url}}")[0]
        func write(_ text: String, mode: Int) throws {
            try text.write(toFile: folder + "/url", atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder + "/url")
        }
        try write("https://hooks.example.com/T0/secret\n", mode: 0o644)
        #expect(throws: ReceiverError.readableByAll(file: folder + "/url")) { try receiver.loaded(from: directory) }
        try write("http://hooks.example.com/T0/secret\n", mode: 0o600)
        let error = #expect(throws: ReceiverError.self) { try receiver.loaded(from: directory) }
        #expect(error?.description.contains("T0") == false)
        try write("https://hooks.example.com/T0/secret\n", mode: 0o600)
        #expect(try receiver.loaded(from: directory).name.text == "a")
    }
}
