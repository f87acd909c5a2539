// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import ServiceAPI

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how the server is.",
        discussion: """
            EXAMPLE:
              mayfly status
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (status, url) = try await server.connected { client, state in (try await client.status(), state.address.url) }
        try output.print(status) {
            TextTable([
                "authority": "\(status.name) at \(url)", "time there": status.time.text,
                "policies": "\(status.policyDigest), \(status.policyRules) rules, loaded \(status.policyLoadedAt.text)",
                "commit": status.policyCommit.map { commit in
                    "\(commit)" + (status.policySigner.map { ", signed by \($0)" } ?? "")
                },
                "not live": status.policyProblem.map { problem in
                    (status.policyRefusedAt.map { "\($0.text): " } ?? "") + problem
                }, "valid certificates": "\(status.activeCertificates)",
                "audit log": "\(status.logSize) entries",
                "server certificate": "until \(status.serverCertificateExpiresAt.text)",
                "providers": status.providers.isEmpty ? nil : status.providers.map(\.line).joined(separator: "; "),
            ]).text
        }
    }
}

extension ProviderStatus {
    fileprivate var line: String {
        guard let problem else { return name }
        return "\(name) is down" + (problemSince.map { " since \($0.text)" } ?? "") + ": \(problem)"
    }
}
