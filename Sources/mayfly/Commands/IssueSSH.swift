// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import SSHCertificates
import ServiceAPI

struct IssueSSH: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh", abstract: "Get an SSH user certificate.",
        discussion: """
            Without --public-key and --agent a key is made in FILE and FILE.pub; one that is there is certified again.

            EXAMPLE:
              mayfly issue ssh --role prod-web-debug --lifetime 30m --out id
            """)

    @Option(help: "The role to take; may be left out with --host.")
    var role: String?

    @Option(help: "The one host it is for; by default all that the role reaches.")
    var host: String?

    @Option(name: .customLong("login"), help: "A login it is for; by default all of the role.")
    var logins: [String] = []

    @Option(help: ArgumentHelp("Certify this key of yours.", valueName: "file"))
    var publicKey: String?

    @Flag(help: "Make a key in ssh-agent, which forgets it when the certificate ends.")
    var agent = false

    @Option(help: ArgumentHelp("Where the key goes, or with --public-key the certificate.", valueName: "file"))
    var out: String?

    @OptionGroup var issue: IssueOptions
    @OptionGroup var grant: GrantOptions
    @OptionGroup var issuer: IssuerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try issuer.check()
        guard !agent || !issuer.token.isGiven else {
            throw ValidationError("--agent is for people: with a token, the key goes into a file")
        }
        guard role != nil || host != nil else { throw ValidationError("name a role with --role, or a host with --host") }
        guard !agent || (publicKey == nil && out == nil) else {
            throw ValidationError("--agent keeps the key in ssh-agent: there is no --public-key or --out")
        }
    }

    func run() async throws {
        let result =
            if agent {
                try await issueIntoAgent()
            } else if let publicKey {
                try await certify(
                    try SSHCredentialFiles.publicKey(inFile: publicKey),
                    into: out ?? SSHCredentialFiles.certificatePath(forPublicKey: publicKey))
            } else {
                try await issueIntoFiles(SSHCredentialFiles(path: out ?? role ?? host ?? ""))
            }
        try result.print(output)
    }

    private func request(_ key: SSHPublicKey) async throws -> (IssuedCertificate, SSHCertificate) {
        let request = SSHCertificateRequest(
            role: role, publicKey: try key.authorizedKey(), host: host, logins: logins.isEmpty ? nil : logins,
            lifetime: issue.lifetimeSeconds, reason: issue.reason, ticket: issue.ticket,
            grant: grant.grant)
        let issued = try await issuer.connected { client in try await client.issueSSH(request) }
        return (issued, try SSHCertificate(issued: issued.certificate, for: key))
    }

    private func certify(_ key: SSHPublicKey, into path: String) async throws -> IssueResult {
        let (issued, certificate) = try await request(key)
        try SSHCredentialFiles.write(certificate, comment: "mayfly \(issued.role)", to: path)
        return IssueResult(issued: issued, files: [path])
    }

    private func issueIntoFiles(_ files: SSHCredentialFiles) async throws -> IssueResult {
        if try files.hasKey() {
            return try await certify(
                try SSHCredentialFiles.publicKey(inFile: files.publicKeyPath), into: files.certificatePath)
        }
        let key = OpenSSHPrivateKey(generating: .ed25519)
        let (issued, certificate) = try await request(key.publicKey)
        let comment = "mayfly \(issued.role)"
        try files.write(key, comment: comment)
        try SSHCredentialFiles.write(certificate, comment: comment, to: files.certificatePath)
        return IssueResult(issued: issued, files: [files.path, files.publicKeyPath, files.certificatePath])
    }

    private func issueIntoAgent() async throws -> IssueResult {
        let agent = try SSHAgentConnection(environment: ProcessInfo.processInfo.environment)
        _ = try await agent.identities()
        let key = OpenSSHPrivateKey(generating: .ed25519)
        let (issued, certificate) = try await request(key.publicKey)
        try await agent.add(
            key, certificate: certificate, comment: "mayfly \(issued.role)", lifetime: certificate.remaining(at: Date()))
        let state = try issuer.server.state()
        try state.remember(agentBlobs: state.agentBlobs().filter(Self.isValid) + [Data(certificate.blob)])
        return IssueResult(issued: issued, files: [])
    }

    private static func isValid(_ blob: Data) -> Bool {
        guard let certificate = try? SSHCertificate(parsing: Array(blob)) else { return false }
        return certificate.remaining(at: Date()) > .zero
    }
}
