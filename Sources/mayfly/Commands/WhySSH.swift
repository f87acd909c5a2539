// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import Glibc
import SSHCertificates
import ServiceAPI

struct WhySSH: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh", abstract: "Tell why a login by SSH works, or does not.",
        discussion: """
            Looks at the session, the policy, the certificates in hand and the settings of ssh; on the host itself as root, or \
            with --on-host, also at all that sshd there looks at. Issues nothing. Exits with 1 when there is a problem.

            EXAMPLE:
              mayfly why ssh deploy@web1.example.com
            """)

    @Argument(help: ArgumentHelp("Where to, as ssh takes it.", valueName: "[user@]host"))
    var destination: String

    @Option(help: "The role that would be taken.")
    var role: String?

    @Option(help: "The reason that would be given.")
    var reason: String?

    @Option(help: "The ticket that would be named.")
    var ticket: String?

    @Flag(help: "This is the host.")
    var onHost = false

    @OptionGroup var host: HostWhyOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    @Argument(parsing: .postTerminator, help: ArgumentHelp("For ssh.", valueName: "ssh-argument"))
    var arguments: [String] = []

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let diagnosis = try await ClientDiagnosis(destination, arguments: arguments, now: Date())
        let state = try? server.state()
        let held = try await diagnosis.held(state, role: role, environment: environment)

        var checks = await diagnosis.serverChecks({ try server.state() }, role: role, reason: reason, ticket: ticket)
        checks += diagnosis.certificateChecks(held, authorities: authorities(state), address: nil)
        checks += try await diagnosis.settingsChecks(held, environment: environment)
        if onHost || geteuid() == 0 && isHere(diagnosis.host) {
            checks += try await host.checks(login: diagnosis.login, certificate: held.first?.certificate)
        }
        try DiagnosisReport(checks: checks).print(output)
    }

    private func authorities(_ state: ServerState?) -> [SSHPublicKey] {
        let lines = (try? state?.authorities().sshUserCA)?.split(whereSeparator: \.isNewline) ?? []
        return lines.compactMap { try? SSHPublicKey(authorizedKey: String($0)) }
    }

    private func isHere(_ host: String) -> Bool {
        ["localhost", "127.0.0.1", "::1", ProcessInfo.processInfo.hostName.lowercased()].contains(host)
    }
}
