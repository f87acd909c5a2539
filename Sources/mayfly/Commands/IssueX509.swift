// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Policies
import ServiceAPI

struct IssueX509: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "x509", abstract: "Get an X.509 certificate for TLS.",
        discussion: """
            The folder gets key.pem, cert.pem and chain.pem (with the issuing CA). A key that is there is used again.

            EXAMPLE:
              mayfly issue x509 --role web-server --name web1.example.com --out tls
            """)

    @Option(help: "The role to take.")
    var role: String

    @Option(help: ArgumentHelp("A request for a key of yours, PEM; its names are asked for.", valueName: "file"))
    var csr: String?

    @Option(name: .customLong("name"), help: "A DNS name, IP address, e-mail address or URI; may be repeated.")
    var names: [String] = []

    @Option(help: ArgumentHelp("The folder for key and certificate; by default named after the role.", valueName: "folder"))
    var out: String?

    @OptionGroup var issue: IssueOptions
    @OptionGroup var issuer: IssuerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard csr == nil || names.isEmpty else { throw ValidationError("--csr has its names in it: there is no --name") }
    }

    func run() async throws {
        let folder = out ?? role
        let credential =
            if let csr {
                X509Credential(directory: folder, request: try AtomicFile.readText(csr, limit: 65_536))
            } else {
                try X509Credential(
                    directory: folder, asking: CertificateRequest(names: names.map { CertificateRequest.Name($0) }))
            }
        let request = X509CertificateRequest(
            role: role, csr: credential.request, lifetime: issue.lifetimeSeconds, reason: issue.reason, ticket: issue.ticket,
            grant: issue.grant)
        let issued = try await issuer.connected { client in try await client.issueX509(request) }
        try IssueResult(issued: issued, files: try credential.write(issued)).print(output)
    }
}

extension CertificateRequest.Name {
    /// By its form; the server judges whether it is one.
    init(_ text: String) {
        if let address = IPAddress(text) {
            self = .address(address.bytes)
        } else if text.contains(":") {
            self = .uri(text)
        } else if text.contains("@") {
            self = .email(text)
        } else {
            self = .dns(text)
        }
    }
}
