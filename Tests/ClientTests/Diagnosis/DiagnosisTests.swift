// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SSHCertificates
import TestSupport
import Testing

@testable import Client

/// The rules of OpenSSH by which `why` judges.
struct DiagnosisTests {
    @Test(
        arguments: [
            ("*", "", true), ("a*c", "abbc", true), ("a*c", "abcd", false), ("a?c", "abc", true), ("a?c", "ac", false),
            ("*a*b", "xaxab", true), ("ana", "ana", true), ("ana", "Ana", false), ("", "a", false), ("a**", "a", true),
        ] as [(String, String, Bool)])
    func `a pattern matches the whole`(pattern: String, text: String, matches: Bool) {
        #expect(SSHPattern(pattern).matches(text) == matches)
    }

    @Test(
        arguments: [
            ("ana", "192.0.2.7", true), ("ana@192.0.2.0/24", "192.0.2.7", true), ("ana@192.0.2.0/24", "198.51.100.7", false),
            ("*@192.0.2.*", "192.0.2.7", true), ("bo@192.0.2.7", "192.0.2.7", false), ("an?@*", "2001:db8::1", true),
        ] as [(String, String, Bool)])
    func `a user is listed from where it says`(pattern: String, address: String, matches: Bool) {
        #expect(SSHPattern(pattern).matches(user: "ana", from: address) == matches)
    }

    @Test(
        arguments: [
            ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.1.2.3", false), ("0.0.0.0/0", "255.1.2.3", true),
            ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.2", false), ("10.1.2.2/31", "10.1.2.3", true),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("10.0.0.0/8", "2001:db8::1", false), ("10.0.0.0/8", "10.1.2", false),
        ] as [(String, String, Bool)])
    func `an address lies in a range, or does not`(range: String, address: String, contains: Bool) throws {
        #expect(try SSHAddressRange(range).contains(address: address) == contains)
    }

    @Test func `settings are read as they are printed`() {
        let settings = OpenSSHSettings(
            parsing: Array(
                "revokedkeys none\nallowusers a b\nallowusers c\ncasignaturealgorithms x,y\nstrictmodes yes\nbanner\n".utf8))
        #expect(settings["revokedkeys"] == nil)
        #expect(settings.lines("allowusers") == ["a", "b", "c"])
        #expect(settings.list("casignaturealgorithms") == ["x", "y"])
        #expect(settings.isOn("strictmodes"))
        #expect(settings["banner"] == "")
        #expect(settings["missing"] == nil)
    }

    private static let account = HostAccount(
        name: "ana", user: 1000, home: "/home/ana", shell: "/bin/sh", groups: [1000, 100], groupNames: ["ana", "users"],
        shadow: nil)

    @Test(
        arguments: [
            ("/etc/ssh/principals/%u", "/etc/ssh/principals/ana"), ("%h/.ssh/x", "/home/ana/.ssh/x"),
            (".ssh/authorized_keys", "/home/ana/.ssh/authorized_keys"), ("/a%%/%U", "/a%/1000"),
        ])
    func `tokens are expanded`(template: String, path: String) {
        #expect(HostDiagnosis.expand(template, for: Self.account) == path)
    }

    @Test func `a file is looked at with the eyes of the account`() throws {
        let folder = try TemporaryDirectory(mode: 0o755)
        let file = try folder.write("x", to: "file", mode: 0o644)
        let access = FileAccess(path: file)
        // The file's owner is whoever runs this, and not `ana`, who has a number of her own.
        let stranger = HostAccount(
            name: "ana", user: 64_999, home: "/home/ana", shell: "/bin/sh", groups: [64_999], groupNames: [], shadow: nil)
        #expect(access.obstacle(for: stranger) == nil)
        #expect(FileAccess(path: folder.file("none")).obstacle(for: stranger)?.hasSuffix("does not exist") == true)
        try folder.write("x", to: "file", mode: 0o640)
        #expect(access.obstacle(for: stranger) == "`\(file)` is closed to `ana`")
        try folder.write("x", to: "file", mode: 0o644)
        #expect(unsafe chmod(folder.path, 0o700) == 0)
        #expect(access.obstacle(for: stranger) == "`\(folder.path)` is closed to `ana`")
        #expect(access.looseness(for: stranger) != nil)
    }
}
