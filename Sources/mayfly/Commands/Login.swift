// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

struct Login: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prove who you are once, and get a session of a few hours.",
        discussion: """
            With an SSH key of the CA's user file; with `--provider`, in a browser or, where there is none, on another device;
            with `--token-file` or `--token-env`, as a job of a CI system or another workload. Without any of them, as the last time.

            EXAMPLE:
              mayfly login https://ca.example.com --user ana@example.com \\
                --fingerprint SHA256:…
            """)

    @Argument(help: ArgumentHelp("The server; that of the last login by default.", valueName: "url"))
    var url: String?

    @Option(help: "Fingerprint of the service CA, as `mayfly init` printed it.")
    var fingerprint: String?

    @Option(help: "Your name in the CA's user file; that of the last login by default, else your login name.")
    var user: String?

    @Option(help: ArgumentHelp("The key to prove it with; ssh-agent and ~/.ssh by default.", valueName: "file"))
    var sshKey: String?

    @Option(help: ArgumentHelp("The identity provider to prove it with, as the CA calls it.", valueName: "name"))
    var provider: String?

    @OptionGroup var token: TokenOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if provider != nil || token.isGiven, user != nil || sshKey != nil {
            throw ValidationError("`--user` and `--ssh-key` are for logins without an identity provider")
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let home = try Home(environment: environment)
        let address = try url.map { try ServerAddress($0) } ?? home.server().address
        // In a CA of one's own, `init` named the administrator after the person who ran it.
        let name = user ?? (home.state(of: address).isKnown ? nil : ProcessInfo.processInfo.userName)
        let login = try Client.Login(
            home: home, address: address, user: name, fingerprint: fingerprint, environment: environment)
        let proof = try await proof(of: login.state, environment)
        let outcome: Client.Login.Outcome
        do {
            defer { Console.endProgress() }
            outcome = try await login.run(
                proof, now: Date(),
                confirm: { found in
                    Console.note("the service CA of \(address.url) is \(found)")
                    return Terminal.confirms("mayfly: is that what `mayfly init` printed there? Type yes or no:")
                })
        }
        for leftover in outcome.leftovers { Console.note(leftover) }
        let result = Result(server: address.url, outcome)
        try output.print(result) {
            "logged in to \(result.server) as \(outcome.reply.identity.displayName) until \(outcome.reply.expiresAt.text)\n"
        }
    }

    private func proof(of state: ServerState, _ environment: [String: String]) async throws -> LoginProof {
        if let token = try token.token() { return .token(token, provider: provider) }
        let saysHow = user != nil || sshKey != nil
        let last = saysHow || !state.isKnown ? nil : try state.identity().provider
        if let name = provider ?? last {
            return .provider(name, .console(environment))
        }
        return .keys(try await LoginSigner.candidates(keyFile: sshKey, environment: environment))
    }

    private struct Result: Encodable {
        let server: String
        let fingerprint: String
        let identity: ServiceAPI.WhoAmI
        let expiresAt: Date
        let logSize: UInt64

        init(server: String, _ outcome: Client.Login.Outcome) {
            self.server = server
            fingerprint = outcome.fingerprint
            identity = outcome.reply.identity
            expiresAt = outcome.reply.expiresAt
            logSize = outcome.checkpoint.size
        }
    }
}
