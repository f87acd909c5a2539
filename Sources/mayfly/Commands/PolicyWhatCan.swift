// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Policies

struct PolicyWhatCan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-can",
        abstract: "List all roles somebody can have, or could have if what is open came true.",
        discussion: """
            ✔ is theirs now, · still lacks what stands below it, ✘ is taken away. What is not said of the person is unknown.

            EXAMPLE:
              mayfly policy what-can ana@example.com --groups sre --mfa
            """)

    @Argument(help: "The user.")
    var user: String

    @OptionGroup var identity: IdentityOptions
    @OptionGroup var policies: PolicyOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let instant = try identity.instant
        var identity = try identity.identity(at: instant)
        identity.user = user
        let prospects = try policies.set().prospects(of: identity, at: instant)
        try output.print(prospects) { prospects.isEmpty ? "nothing\n" : prospects.map { "\($0)\n" }.joined() }
    }
}
