// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import SSHCertificates

struct HostWhy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Tell why sshd on this host lets somebody in, or does not.",
        discussion: """
            Looks at what sshd looks at, and changes nothing. Exits with 1 when there is a problem.

            EXAMPLE:
              mayfly host why deploy --certificate id-cert.pub --address 192.0.2.7
            """)

    @Argument(help: "The account.")
    var login: String

    @Option(help: ArgumentHelp("The certificate that is shown.", valueName: "file"))
    var certificate: String?

    @OptionGroup var options: HostWhyOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let certificate = try certificate.map { path in
            let text = try AtomicFile.readText(path, limit: SSHLimits.certificateLine)
            do throws(SSHCertificateError) {
                return try SSHCertificate(authorizedKey: text)
            } catch {
                throw ClientError.keyFile(path: path, reason: error.description)
            }
        }
        try DiagnosisReport(checks: try await options.checks(login: login, certificate: certificate)).print(output)
    }
}

/// What is asked about sshd on this host.
struct HostWhyOptions: ParsableArguments {
    @Option(help: "The address the login comes from, as sshd sees it.")
    var address = "127.0.0.1"

    @Option(help: ArgumentHelp("Key of the user CA.", valueName: "file"))
    var userCa = "/etc/ssh/mayfly/user_ca.pub"

    @Option(help: ArgumentHelp("Another sshd_config than sshd's own.", valueName: "file"))
    var sshdConfig: String?

    func checks(login: String, certificate: SSHCertificate?) async throws -> [DiagnosisCheck] {
        let lines = (try? AtomicFile.readText(userCa, limit: 65_536))?.split(whereSeparator: \.isNewline) ?? []
        return try await HostDiagnosis(
            login: login, address: address, certificate: certificate,
            authorities: lines.compactMap { try? SSHPublicKey(authorizedKey: String($0)) }, configuration: sshdConfig,
            now: Date()
        ).checks()
    }
}
