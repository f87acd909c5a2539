// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import ServiceAPI

struct CA: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca", abstract: "The keys of the authority.",
        discussion: """
            EXAMPLE:
              mayfly ca export --format ssh-user
            """,
        subcommands: [
            CAExport.self, CASync.self, CAStatusCommand.self, CARotate.self, CARequest.self, CASign.self, CACRL.self,
            CAAcceptClock.self,
        ])
}

struct CAExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print a public key or certificate that servers are to trust.",
        discussion: """
            EXAMPLE:
              mayfly ca export --format bundle > clients-ca.pem
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case sshUser = "ssh-user"
        case sshHost = "ssh-host"
        case knownHosts = "known-hosts"
        case root, issuing, service, bundle, log, crl
    }

    @Option(
        help: """
            ssh-user for sshd, ssh-host, known-hosts for the file of that name, root, issuing or bundle (both) for TLS, service for clients of \
            mayfly, log for auditors, crl for the revocation
            lists of root and issuing CA.
            """)
    var format = Format.bundle

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    /// Needs no session: all of this is public.
    func run() async throws {
        let state = try server.state()
        if format == .crl { return try await printLists(state) }
        let authorities = try await APIClient.connected(
            to: state.address, serviceCA: try state.serviceCA(), session: nil
        ) { try await $0.authorities() }
        try output.print(authorities) {
            let text = authorities.text(format)
            return text.hasSuffix("\n") ? text : text + "\n"
        }
    }

    private func printLists(_ state: ServerState) async throws {
        let lists = try await APIClient.connected(
            to: state.address, serviceCA: try state.serviceCA(), session: nil
        ) { try await $0.revocationLists() }
        try output.print(lists) { lists.issuing + (lists.root ?? "") }
        if lists.root == nil { Console.note("the root has no list: this CA was made by a version that wrote none") }
    }
}

extension Authorities {
    fileprivate func text(_ format: CAExport.Format) -> String {
        switch format {
        case .sshUser: sshUserCA
        case .sshHost: sshHostCA
        case .knownHosts:
            // Every host: narrow it down to the names of yours.
            sshHostCA.split(whereSeparator: \.isNewline).map { "@cert-authority * \($0)\n" }.joined()
        case .root: root
        case .issuing: issuing
        case .service: service
        case .bundle: issuing + (issuing.hasSuffix("\n") ? "" : "\n") + root
        case .log: log
        case .crl: ""
        }
    }
}
