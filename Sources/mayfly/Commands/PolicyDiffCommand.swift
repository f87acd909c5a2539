// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Policies

struct PolicyDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say how a change of policies changes rights.",
        discussion: """
            OLD and NEW are directories, or git revisions of the policy \
            directory. What widens (+) and narrows (-) comes with an example of \
            who has more or less.

            Exit status 1: something widens; 65: they could not be compared, for \
            one of them is not there or does not load.

            EXAMPLE:
              mayfly policy diff policies policies
            """)

    @Argument(help: ArgumentHelp("Before.", valueName: "old"))
    var old: String

    @Argument(help: ArgumentHelp("After.", valueName: "new"))
    var new: String

    @Flag(help: "Print Markdown, for the comment on a pull request.")
    var markdown = false

    @OptionGroup var policies: PolicyOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let diff: PolicyDiff
        do { diff = try policies.set(at: new).diff(from: try policies.set(at: old)) } catch { throw Unanswered(cause: error) }
        try output.print(diff) { markdown ? diff.markdown : diff.description }
        if diff.isWidening { throw ExitCode(1) }
    }
}
