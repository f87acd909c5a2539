// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Policies

/// Where the policies lie that a question is about.
struct PolicyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The policy directory.", valueName: "directory"))
    var policies = "policies"

    func set() throws -> PolicySet { try PolicySet.load(inDirectory: policies) }

    /// - Parameter place: a directory, or a git revision of the policy directory.
    func set(at place: String) throws -> PolicySet {
        if Files.isDirectory(place) { return try PolicySet.load(inDirectory: place) }
        let checkout = GitCheckout(path: policies)
        let files = try checkout.files(at: try checkout.commit(at: place))
        return try PolicySet.load(files.map { $0.located(in: policies) })
    }
}
