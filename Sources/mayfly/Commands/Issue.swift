// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

struct Issue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Get a certificate.",
        discussion: """
            As the person who is logged in, or with --token-file or --token-env as a workload, which needs no login: the
            token is used up by the certificate.

            EXAMPLE:
              mayfly issue ssh --role prod-web-debug --out id
            """,
        subcommands: [IssueSSH.self, IssueSSHHost.self, IssueX509.self])
}

/// What was issued, and where it lies.
struct IssueResult: Encodable {
    let issued: IssuedCertificate
    let files: [String]

    func encode(to encoder: any Encoder) throws {
        try issued.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(files, forKey: .files)
    }

    private enum CodingKeys: String, CodingKey { case files }

    func print(_ output: OutputOptions) throws {
        try output.print(self) {
            TextTable([
                "files": files.isEmpty ? nil : files.joined(separator: " "), "role": issued.role, "rule": issued.rule,
                "serial": issued.serial, "valid until": issued.validBefore.text,
            ]).text
        }
        for reason in issued.narrowed { Console.note("narrowed: \(TerminalText.text(reason))") }
    }
}
