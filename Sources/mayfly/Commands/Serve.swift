// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the signing service.",
        discussion: """
            Policies and users are read again when their files change, and on SIGHUP.

            EXAMPLE:
              mayfly serve --dir ca
            """)

    @Option(help: ArgumentHelp("The CA directory.", valueName: "directory"))
    var dir = "ca"

    @Option(help: ArgumentHelp("The policy files, instead of those in mayfly.yaml.", valueName: "directory"))
    var policies: String?

    @Flag(help: "Start also with a commit of the policies that does not come after the one that was live last.")
    var allowOlderPolicies = false

    @Option(help: ArgumentHelp("Which messages to write, and those above.", valueName: "level"))
    var logLevel = LogLevel.warning

    enum LogLevel: String, ExpressibleByArgument, CaseIterable {
        case debug, info, warning, error
    }

    func run() async throws {
        let directory = CADirectory(path: dir)
        guard directory.isInitialized else { throw ServerError.notInitialized(dir) }
        let configuration = try Configuration(reading: directory)
        var logger = Logger(label: "mayfly") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: logLevel.rawValue) ?? .warning
        try await Server(
            directory: directory, configuration: configuration,
            policies: PolicySource(
                directory: policies ?? directory.resolve(configuration.policies),
                signers: configuration.policySigners.map(directory.resolve)),
            allowsOlderPolicies: allowOlderPolicies, logger: logger
        ).run()
    }
}
