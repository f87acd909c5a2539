// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Policies

struct PolicyWhatCan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-can",
        abstract: "List all roles somebody can have, or could have if what is open came true.",
        discussion: """
            ✔ is theirs now, · still lacks what stands below it, ✘ is taken away. \
            What is not said of the person is unknown.

            EXAMPLE:
              mayfly policy what-can ana@example.com --group sre --mfa
            """)

    @Argument(help: "The user.")
    var user: String

    @OptionGroup var identity: IdentityOptions
    @OptionGroup var policies: PolicyOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let instant = try identity.instant
        let identity = try identity.identity(of: user, at: instant)
        let prospects = try policies.set().prospects(of: identity, at: instant)
        try output.print(Document(roles: prospects.map(Line.init))) {
            prospects.isEmpty ? "nothing\n" : prospects.map { "\($0)\n" }.joined()
        }
    }

    private struct Document: Encodable {
        let roles: [Line]
    }

    private struct Line: Encodable {
        let prospect: Prospect

        private enum CodingKeys: CodingKey {
            case status
        }

        private var status: String {
            guard prospect.deniedBy.isEmpty else { return "denied" }
            guard prospect.open.isEmpty else { return "open" }
            return prospect.approval == nil ? "theirs" : "approval-needed"
        }

        func encode(to encoder: any Encoder) throws {
            try prospect.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(status, forKey: .status)
        }
    }
}
