// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials

struct HostStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what is in force on this host, and whether somebody changed that. Offline.",
        discussion: """
            EXAMPLE:
              mayfly host status
            """)

    @OptionGroup var options: HostOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let paths = try options.paths()
        let facts = try await HostFacts(paths, sshd: options.daemon(paths), at: Date())
        try output.print(facts) {
            TextTable([
                "host": facts.state.name, "server": facts.state.url, "role": facts.state.role,
                "zones": facts.state.zones.joined(separator: ", "), "logins": facts.state.logins.joined(separator: ", "),
                "certificate until": facts.certificateValidBefore.text, "renewed after": facts.renewsAt.text,
                "revocation list": facts.revocationListVersion.map(String.init) ?? "none",
                "user CA": facts.userCAKeys.joined(separator: ", "),
            ]).text
        }
        for problem in facts.problems.dropFirst() { Console.note("error: \(problem)") }
        if let problem = facts.problem { throw ClientError.host(problem) }
    }
}
