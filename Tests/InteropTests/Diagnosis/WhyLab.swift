// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport

/// A CA made by ssh-keygen, one certificate of it with serial 7, and an sshd that has something wrong with it.
struct WhyLab {
    let sshd: SSHServer
    let work: TemporaryDirectory

    var key: String { work.file("key") }
    var certificate: String { work.file("key-cert.pub") }
    var krl: String { work.file("revoked.krl") }

    struct Check: Decodable, CustomStringConvertible {
        let check: String
        let outcome: String
        let finding: String
        let mend: String?

        var description: String { "\(outcome) \(check): \(finding)\n" }
    }

    private struct Report: Decodable { let checks: [Check] }

    static func open(_ breakage: HostWhyTests.Breakage, _ body: (WhyLab) async throws -> Void) async throws {
        try await inTurn {
            let work = try TemporaryDirectory()
            defer { work.close() }
            try await MayflyCA.makeKey(work.file("ca"), type: ["-t", "ed25519"])
            try await MayflyCA.makeKey(work.file("key"), type: ["-t", "ed25519"])
            let names = breakage.certified.map { $0.replacing("{login}", with: breakage.login) }.joined(separator: ",")
            let principals = breakage.principals.map { $0.replacing("{login}", with: breakage.login) }
            try await run(
                "ssh-keygen",
                ["-q", "-s", work.file("ca"), "-I", "ana", "-n", names, "-z", "7", "-V", breakage.validity]
                    + breakage.options.flatMap { ["-O", $0] } + [work.file("key.pub")]
            ).checked()
            var configuration = SSHServer.Configuration(
                userCAKeys: [try String(contentsOfFile: work.file("ca.pub"), encoding: .utf8)],
                principals: Dictionary(
                    [SSHServer.loginUser, breakage.login].map { ($0, principals) }, uniquingKeysWith: { $1 }),
                extraLines: breakage.lines.map {
                    $0.replacing("{krl}", with: work.file("revoked.krl")).replacing("{keys}", with: work.file("keys"))
                })
            configuration.accounts = breakage.accounts
            try await serving(try await SSHServer(configuration)) { try await body(WhyLab(sshd: $0, work: work)) }
        }
    }

    func revoke(_ serials: [Int]) async throws {
        let list = try work.write(serials.map { "serial: \($0)\n" }.joined(), to: "revoked.txt")
        try await run("ssh-keygen", ["-q", "-k", "-f", krl, "-s", work.file("ca.pub"), list]).checked()
    }

    func replace(_ path: String, with text: String) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    static func setMode(_ mode: Int, of path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    func host(_ login: String, configuration: String? = nil, _ more: [String] = []) async throws -> ProcessResult {
        try await sshd.inside(
            MayflyCA.binary,
            [
                "host", "why", login, "--certificate", certificate, "--user-ca", work.file("ca.pub"), "--sshd-config",
                configuration ?? sshd.configurationPath,
            ] + more)
    }

    func why(_ login: String) async throws -> (checks: [Check], status: Int32) {
        let result = try await host(login, ["--json"])
        return (try JSONDecoder().decode(Report.self, from: Data(result.outputBytes)).checks, result.status)
    }
}
