// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials
import Policies

struct PolicyDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say how a change of policies changes rights.",
        discussion: """
            OLD and NEW are directories, or git revisions of the policy directory. What widens (+) and narrows (-) comes with an
            example of who has more or less. Exit status 1: something widens.

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
        let diff = try set(new).diff(from: try set(old))
        try output.print(diff) { markdown ? diff.markdown : diff.description }
        if diff.isWidening { throw ExitCode(1) }
    }

    private func set(_ place: String) throws -> PolicySet {
        var isDirectory = false
        if FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory), isDirectory {
            return try PolicySet.load(try PolicyDirectory(path: place).files())
        }
        let checkout = GitCheckout(path: policies.policies)
        return try PolicySet.load(try checkout.files(at: try checkout.commit(at: place)))
    }
}
