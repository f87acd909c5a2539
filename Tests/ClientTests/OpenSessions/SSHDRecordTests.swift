// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Client

/// What sshd and the kernel write, as it is read.
struct SSHDRecordTests {
    @Test(
        arguments: [
            ("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", .listener),
            ("sshd: [accepted]", .unauthenticated),
            ("sshd: ana [net]", .unauthenticated),
            ("sshd-session: ana [priv]", .monitor(login: "ana")),
            ("sshd: ana", .user(login: "ana", terminals: [])),
            ("sshd: ana@notty", .user(login: "ana", terminals: [])),
            ("sshd-session: ana@pts/0,pts/12", .user(login: "ana", terminals: ["pts/0", "pts/12"])),
            ("sshd: ana@corp.example.com@pts/3", .user(login: "ana@corp.example.com", terminals: ["pts/3"])),
            ("sshd: ana@corp.example.com", .user(login: "ana@corp.example.com", terminals: [])),
            ("/usr/sbin/sshd -D", nil), ("bash", nil),
        ] as [(String, SSHDTitle?)])
    func `a title says what a process of sshd does`(text: String, title: SSHDTitle?) {
        #expect(SSHDTitle(text) == title)
    }

    private static let key = "SHA256:kZzSIWOZyGCJ49QDNvOiiXQp02PG3k463Zzr2LoKvn8"
    private static let authority = "SHA256:0AbGKqRexffC/CmZPWY+Si2MtOo/SsW+UYFRa5yDrG0"
    private static func line(_ keyID: String) -> String {
        "Accepted publickey for ana from 192.0.2.7 port 40022 ssh2: ED25519-CERT \(key) ID \(keyID) (serial 7) CA ED25519 \(authority)"
    }

    @Test(arguments: ["ana/shell/rule", "with blanks", "x (serial 8) CA ED25519 \(authority)", #"back\\slash"#])
    func `a login by certificate is read whatever its key id says`(keyID: String) throws {
        let acceptance = try #require(SSHDAcceptance(parsing: Self.line(keyID)[...], process: 5, isVouchedFor: true))
        #expect(acceptance.login == "ana")
        #expect(acceptance.address == "192.0.2.7")
        #expect(acceptance.port == 40022)
        #expect(
            acceptance.method
                == .certificate(
                    .init(key: Self.key, keyID: keyID.replacing(#"\\"#, with: #"\"#), serial: 7, authority: Self.authority)))
    }

    @Test(
        arguments: [
            ("Accepted password for ana from ::1 port 1 ssh2", .other),
            ("Accepted keyboard-interactive/pam for ana from ::1 port 1 ssh2", .other),
            ("Accepted publickey for ana from ::1 port 1 ssh2: ED25519 \(key)", .other),
            ("Partial publickey for ana from fe80::1%eth0 port 1 ssh2: ED25519 \(key)", .other),
            ("Accepted publickey for ana from ::1 port 1 ssh2: ED25519-CERT MD5:00 ID x (serial 1) CA RSA MD5:00", .unreadable),
            ("Failed publickey for ana from ::1 port 1 ssh2: ED25519 \(key)", nil),
            ("Failed password for invalid user Accepted publickey for ana from ::1 port 1 ssh2", nil),
            ("Accepted certificate ID \"x\" (serial 1) signed by ED25519 CA \(authority)", nil),
        ] as [(String, SSHDAcceptance.Method?)])
    func `other lines are told apart`(text: String, method: SSHDAcceptance.Method?) {
        #expect(SSHDAcceptance(parsing: text[...], process: nil, isVouchedFor: false)?.method == method)
    }

    @Test(
        arguments: [
            ("Nov  6 11:40:21 web1 sshd[77]: ", 77), ("2026-11-26T11:40:21.123456+00:00 web1 sshd-session[78]: ", 78),
            ("", nil),
        ] as [(String, Int32?)])
    func `a log file names the process, or is sshd's own`(prefix: String, process: Int32?) {
        let found = SSHDLogFile.acceptances(in: Array("noise\n\(prefix)\(Self.line("x"))\r\n".utf8))
        #expect(found.count == 1)
        #expect(found.first?.process == process)
        #expect(found.first?.isVouchedFor == false)
    }

    @Test(arguments: ["Nov  6 11:40:21 web1 app[1]: sshd[77]: ", "web1 sshd[77]: ", "Nov  6 11:40:21 web1 sshd: "])
    func `what another program wrote is not sshd's`(prefix: String) {
        #expect(SSHDLogFile.acceptances(in: Array("\(prefix)\(Self.line("x"))\n".utf8)).isEmpty)
    }

    @Test func `the journal counts what the user of sshd wrote`() {
        func entry(_ user: String, _ message: String) -> String {
            #"{"_PID":"77","_UID":"\#(user)","MESSAGE":\#(message)}"# + "\n"
        }
        let output =
            entry("0", "\"\(Self.line("x"))\"") + entry("1000", "\"\(Self.line("y"))\"") + entry("0", "[65,66]") + "no JSON\n"
        let found = SystemJournal.acceptances(in: Array(output.utf8), writtenBy: 0)
        #expect(found.count == 1)
        #expect(found.first?.process == 77)
        #expect(found.first?.isVouchedFor == true)
    }

    @Test func `a connection has the login of its own lines`() throws {
        func acceptance(_ keyID: String, process: Int32?, vouched: Bool, login: String = "ana") throws -> SSHDAcceptance {
            let text = Self.line(keyID).replacing("for ana", with: "for \(login)")
            return try #require(SSHDAcceptance(parsing: text[...], process: process, isVouchedFor: vouched))
        }
        let connection = SSHDConnection(
            monitor: ProcessIdentity(number: 77, start: 1), process: ProcessIdentity(number: 78, start: 2), user: 1000,
            login: "ana", requestedLogin: "CORP+ana", terminals: [], commands: [],
            peer: SSHPeer(address: "192.0.2.7", port: 40022))
        func keyIDs(_ lines: [SSHDAcceptance]) -> [String]? {
            guard case .found(let methods) = SSHDAcceptance.login(of: connection, among: lines) else { return nil }
            return methods.compactMap { if case .certificate(let certificate) = $0 { certificate.keyID } else { nil } }
        }
        let own = try acceptance("own", process: 77, vouched: true)
        #expect(keyIDs([own]) == ["own"])
        #expect(keyIDs([try acceptance("x", process: 99, vouched: true), own]) == ["own"])
        #expect(keyIDs([own, try acceptance("x", process: 77, vouched: true, login: "bo")]) == ["own"])
        #expect(SSHDAcceptance.login(of: connection, among: [try acceptance("x", process: 99, vouched: true)]) == .absent)
        #expect(keyIDs([try acceptance("typed", process: 77, vouched: true, login: "CORP+ana")]) == ["typed"])
        // A port that was used before: the last login counts, unless anybody may have written it.
        #expect(
            keyIDs([try acceptance("old", process: nil, vouched: false), try acceptance("new", process: nil, vouched: false)])
                == ["new"])
        #expect(keyIDs([try acceptance("old", process: 77, vouched: true), own]) == ["own"])
        let forged = [
            try acceptance("own", process: 77, vouched: false), try acceptance("forged", process: 77, vouched: false),
        ]
        #expect(SSHDAcceptance.login(of: connection, among: forged) == .contradictory)
    }

    @Test(
        arguments: [
            (
                "   2: 0100007F:5653 0700020A:9C56 01 00000000:00000000 02:0 00000000     0        0 97246 2 0", "10.2.0.7",
                40022
            ),
            (
                "   0: 0000000000000000FFFF00000100007F:0016 0000000000000000FFFF00000700020A:9C56 01 0:0 02:0 0 0 0 97246 2 0",
                "10.2.0.7", 40022
            ),
            (
                "   0: 00000000000000000000000001000000:0016 B80D0120000000000000000001000000:0001 01 0:0 02:0 0 0 0 97246 2 0",
                "2001:db8::1", 1
            ),
        ] as [(String, String, UInt16)])
    func `the kernel names the other end`(line: String, address: String, port: UInt16) throws {
        let socket = try #require(TCPSocket(parsing: line[...]))
        #expect(socket.peer == SSHPeer(address: address, port: port))
        #expect(socket.inode == 97246)
        #expect(!socket.isListening)
    }

    @Test(arguments: ["", "x", "  0: 00:1 00:1 01 0 0 0 0 0 x", "   0: 0100007F:99999 0100007F:1 01 0:0 0:0 0 0 0 1"])
    func `no socket is read from something else`(line: String) { #expect(TCPSocket(parsing: line[...]) == nil) }

    @Test func `a name with parentheses does not shift the fields`() throws {
        let rest = "S 1 2 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 1000 1"
        let process = try #require(KernelProcess(parsing: "42 (a) (b) R 9 9) \(rest)"))
        #expect(process.identity == ProcessIdentity(number: 42, start: 4711))
        #expect(process.parent == 1)
        #expect(process.name == "a) (b) R 9 9")
        #expect(KernelProcess(parsing: "42 (a) S 1") == nil)
    }
}
