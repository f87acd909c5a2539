// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import SSHCertificates
import ServiceAPI

struct IssueSSHHost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh-host", abstract: "Get an SSH host certificate, for the key of a server.",
        discussion: """
            EXAMPLE:
              mayfly issue ssh-host --role web-host --host web1.example.com \\
                --public-key /etc/ssh/ssh_host_ed25519_key.pub
            """)

    @Option(help: "The role to take.")
    var role: String

    @Option(help: "The name of the server.")
    var host: String

    @Option(help: ArgumentHelp("The server's public key.", valueName: "file"))
    var publicKey: String

    @Option(help: ArgumentHelp("Where the certificate goes; beside the key by default.", valueName: "file"))
    var out: String?

    @OptionGroup var issue: IssueOptions
    @OptionGroup var grant: GrantOptions
    @OptionGroup var issuer: IssuerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try issuer.check() }

    func run() async throws {
        let key = try SSHCredentialFiles.publicKey(inFile: publicKey)
        let request = SSHHostCertificateRequest(
            role: role, publicKey: try key.authorizedKey(), host: host, lifetime: issue.lifetimeSeconds,
            reason: issue.reason, ticket: issue.ticket, grant: grant.grant)
        let issued = try await issuer.connected { client in try await client.issueSSHHost(request) }
        let path = out ?? SSHCredentialFiles.certificatePath(forPublicKey: publicKey)
        try SSHCredentialFiles.write(
            try SSHCertificate(issued: issued.certificate, for: key), comment: "mayfly \(host)", to: path)
        try IssueResult(issued: issued, files: [path]).print(output)
    }
}
