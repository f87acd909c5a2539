// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import ServiceAPI

struct Host: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set up a host, and look after it.",
        discussion: """
            EXAMPLE:
              mayfly host config --zones prod-web --logins deploy
            """,
        subcommands: [
            HostConfig.self, HostEnroll.self, HostSyncCommand.self, HostStatus.self, HostLeave.self, HostRemove.self,
            HostSessions.self, HostEndSessions.self, HostWhy.self,
        ])
}

struct HostConfig: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Write what sshd on this host needs to accept certificates. Offline.",
        discussion: """
            EXAMPLE:
              mayfly host config --zones prod-web --logins deploy --user-ca ca.pub
            """)

    @Option(parsing: .upToNextOption, help: "The zones this host is in.")
    var zones: [String] = []

    @Option(parsing: .upToNextOption, help: "The accounts that certificates may open.")
    var logins: [String]

    @Option(help: "The name by which people reach this host; what the system says by default.")
    var hostname: String?

    @Option(help: ArgumentHelp("Where the files go.", valueName: "folder"))
    var dir = "/etc/ssh/mayfly"

    @Option(help: ArgumentHelp("Key of the user CA; as of the last login by default.", valueName: "file"))
    var userCa: String?

    @Option(help: ArgumentHelp("Host key whose certificate lies beside it, to be shown to clients.", valueName: "file"))
    var hostKey: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let configuration: HostConfiguration
        do {
            configuration = try HostConfiguration(
                zones: zones, logins: logins, hostName: hostname ?? ProcessInfo.processInfo.hostName.lowercased(),
                directory: absolute(dir),
                userCA: try userCa.map { try AtomicFile.readText($0, limit: 65_536) } ?? server.state().authorities().sshUserCA,
                hostKey: hostKey.map(absolute))
        } catch let error as HostConfigurationError {
            throw ClientError.hostConfiguration(error)
        }
        let changed = try configuration.write()
        try output.print(Result(configuration, changed: changed)) { configuration.sshdConfiguration }

        for path in changed { Console.note("wrote \(path)") }
        if changed.isEmpty { Console.note("nothing changed in \(configuration.directory)") }
        for path in configuration.leftOver { Console.note("\(path) still lets people in; remove it unless that is meant") }
        Console.note(
            "hint: ln -s \(configuration.configurationPath) /etc/ssh/sshd_config.d/ && sshd -t && systemctl reload ssh")
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    private struct Result: Encodable {
        let files: [HostConfiguration.File]
        let changed: [String]
        let leftOver: [String]

        init(_ configuration: HostConfiguration, changed: [String]) {
            files = configuration.files
            self.changed = changed
            leftOver = configuration.leftOver
        }
    }
}
