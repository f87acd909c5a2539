// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Authentication
import Issuance
import Policies

struct PolicyCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a policy set, and what is probably not meant.",
        discussion: """
            EXAMPLE:
              mayfly policy check policies
            """)

    @Argument(help: "The policy directory.")
    var directory = "policies"

    @Option(
        help: ArgumentHelp(
            "Hold lifetimes against the ceilings of the CA in this directory, and groups against its users.",
            valueName: "directory"))
    var dir: String?

    @Flag(help: "Exit with status 1 when there are warnings.")
    var strict = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let set = try PolicySet.load(inDirectory: directory)
        let installation = dir.map { CADirectory(path: $0) }
        let configuration = try installation.map { try Configuration(reading: $0) }
        let groups = try installation.flatMap { try configuration?.groups(in: $0) }
        let warnings = set.lint(ceilings: configuration?.lifetimeCeilings, groups: groups)
        let result = Result(
            digest: set.digest, roles: set.roleNames.count, rules: set.ruleCount, zones: set.zoneNames.count,
            tests: set.testCount, warnings: warnings.map { Complaint(at: $0.position, message: $0.problem) })
        try output.print(result) {
            let counts = [
                counted(result.roles, "role"), counted(result.rules, "rule"), counted(result.zones, "zone"),
                counted(result.tests, "test"),
            ]
            return "ok: \(counts.joined(separator: ", "))\n" + warnings.map { "warning: \($0)\n" }.joined()
                + "\(result.digest)\n"
        }
        if strict, !warnings.isEmpty { throw ExitCode(1) }
    }

    private struct Result: Encodable {
        let digest: String
        let roles: Int
        let rules: Int
        let zones: Int
        let tests: Int
        /// Where there are some, a document of these alone is printed instead.
        let errors: [Complaint] = []
        let warnings: [Complaint]
    }
}

extension Configuration {
    fileprivate var lifetimeCeilings: LifetimeCeilings {
        LifetimeCeilings(ssh: ceilings.ssh, sshHost: ceilings.sshHost, x509: ceilings.x509)
    }

    /// Of everybody who can log in. nil where identity providers say who is in which.
    fileprivate func groups(in directory: CADirectory) throws -> Set<String>? {
        guard providers.isEmpty else { return nil }
        let users = try LiveFiles.readUsers(directory.resolve(users), beside: [])
        return users.all.reduce(into: []) { $0.formUnion($1.groups) }
    }
}
