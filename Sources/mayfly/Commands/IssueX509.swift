// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import Policies
import ServiceAPI

struct IssueX509: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "x509", abstract: "Get an X.509 certificate for TLS, and keep it valid.",
        discussion: """
            The folder gets key.pem, cert.pem and chain.pem (with the issuing CA). A key that is there is used again.

            With `--renew-with` it stays: the certificate is renewed at about two thirds of its life, the lists of `--crl-file` \
            are kept fresh, and the command is run after each change until it succeeds. When the session has ended, `--ssh-key` \
            opens the next one, or `--token-file`, which is read each time.

            A machine on which nobody logs in gets its first certificate with `--enrol-token`, and each further one with the \
            one before, over mutual TLS.

            EXAMPLE:
              mayfly issue x509 --role web-server --name web1.example.com --out tls
              mayfly issue x509 --server https://ca.example.com --fingerprint SHA256:… \\
                --enrol-token app.token --role web-server --name app.example.com --out app
              mayfly issue x509 --role web-server --out tls --once \\
                --name web1.example.com --renew-with "systemctl reload nginx"
            """)

    @Option(help: "The role to take.")
    var role: String

    @Option(help: ArgumentHelp("A request for a key of yours, PEM; its names are asked for.", valueName: "file"))
    var csr: String?

    @Option(name: .customLong("name"), help: "A DNS name, IP address, e-mail address or URI; may be repeated.")
    var names: [String] = []

    @Option(help: ArgumentHelp("The folder for key and certificate; by default named after the role.", valueName: "folder"))
    var out: String?

    @Flag(help: "Also write combined.pem, with key and chain, for HAProxy.")
    var combined = false

    @Option(help: ArgumentHelp("Keep it valid, and run this after each change.", valueName: "command"))
    var renewWith: String?

    @Option(help: ArgumentHelp("With --renew-with: log in with this key when the session has ended.", valueName: "file"))
    var sshKey: String?

    @Option(
        help: ArgumentHelp(
            "Without a session: what `mayfly token create --name` wrote, for the first certificate.", valueName: "file"))
    var enrolToken: String?

    @OptionGroup var keeping: KeepingOptions
    @OptionGroup var issue: IssueOptions
    @OptionGroup var grant: GrantOptions
    @OptionGroup var issuer: IssuerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard csr == nil || names.isEmpty else { throw ValidationError("--csr has its names in it: there is no --name") }
        guard csr == nil || !combined else { throw ValidationError("--combined needs the key, which --csr keeps elsewhere") }
        guard renewWith != nil || !keeping.isUsed && sshKey == nil else {
            throw ValidationError(
                "--once, --crl-file, --print-unit and --ssh-key go with --renew-with; `mayfly ca sync` keeps lists alone")
        }
        try issuer.check(hasToken: enrolToken != nil)
        guard enrolToken == nil || csr == nil else {
            throw ValidationError("--enrol-token needs the key here, to renew with: there is no --csr")
        }
        guard enrolToken == nil || sshKey == nil && !issuer.token.isGiven && grant.grant == nil else {
            throw ValidationError("with --enrol-token nobody logs in, and nobody has a grant")
        }
        guard renewWith == nil || issuer.fingerprint == nil || enrolToken != nil else {
            throw ValidationError("--renew-with trusts the root of the last login: there is no --fingerprint")
        }
        guard renewWith == nil || keeping.once || issuer.token.tokenEnv == nil else {
            throw ValidationError("a variable does not change while this runs: use --token-file")
        }
        guard sshKey == nil || !issuer.token.isGiven else { throw ValidationError("log in with a key or with a token") }
    }

    func run() async throws {
        let folder = CredentialFolder(out ?? role, isCombined: combined)
        let names = names.map { CertificateRequest.Name($0) }
        let request = try csr.map { try AtomicFile.readText($0, limit: 65_536) }
        if let renewWith { return try await keep(folder, names, request, renewWith) }
        if let machine = try await machine(folder) { return try await issue(to: machine, folder, names) }
        let credential =
            if let request {
                X509Credential(folder: folder, request: request)
            } else {
                try X509Credential(folder: folder, asking: CertificateRequest(names: names))
            }
        let asking = asking(credential.request)
        let issued = try await issuer.connected { client in try await client.issueX509(asking) }
        try IssueResult(issued: issued, files: try credential.write(issued)).print(output)
    }

    /// Without a session, where a token is given, or was used for what is in the folder.
    private func machine(_ folder: CredentialFolder) async throws -> EnrolledMachine? {
        guard enrolToken != nil || folder.isEnrolled && csr == nil && sshKey == nil && !issuer.token.isGiven else { return nil }
        return EnrolledMachine(try await state(), folder: folder, tokenFile: enrolToken, now: { Date() })
    }

    private func state() async throws -> ServerState {
        guard enrolToken != nil else { return try issuer.server.state() }
        let home = try Home(environment: ProcessInfo.processInfo.environment)
        return try await home.introduced(to: try issuer.server.address(home), fingerprint: issuer.fingerprint)
    }

    private func issue(
        to machine: EnrolledMachine, _ folder: CredentialFolder, _ names: [CertificateRequest.Name]
    ) async throws {
        let files = DurableFiles()
        try machine.prepare(files)
        let credential = try X509Credential(folder: folder, asking: CertificateRequest(names: names))
        let issued = try await machine.issue(asking(credential.request), files)
        try IssueResult(issued: issued, files: try credential.write(issued)).print(output)
    }

    private func asking(_ request: String) -> X509CertificateRequest {
        X509CertificateRequest(
            role: role, csr: request, lifetime: issue.lifetimeSeconds, reason: issue.reason, ticket: issue.ticket,
            grant: grant.grant)
    }

    private func keep(
        _ folder: CredentialFolder, _ names: [CertificateRequest.Name], _ request: String?, _ command: String
    ) async throws {
        if keeping.printUnit { return try keeping.writeUnit(writing: [folder.directory]) }
        let machine = try await machine(folder)
        let state = try await state()
        let roots = try state.authorities().root
        let lists = keeping.lists(under: roots)
        let sync = ServerSync(
            renewal: CredentialRenewal(folder, names: names, request: request, asking: asking(""), root: roots),
            lists: lists,
            reload: ServerReload(
                command, watching: folder.paths + (lists.map { [$0.path] } ?? []), record: folder.reloadRecord),
            files: DurableFiles(), session: try session(state), machine: machine, now: { Date() })
        try await keeping.run(sync, writing: [folder.directory])
    }

    private func session(_ state: ServerState) throws -> UnattendedSession {
        let (sshKey, token) = (sshKey, issuer.token)
        guard sshKey != nil || token.isGiven else { return UnattendedSession(state, now: { Date() }, logIn: nil) }
        let home = try Home(environment: ProcessInfo.processInfo.environment)
        let login = try Client.Login(home: home, address: state.address, user: nil, fingerprint: nil, environment: [:])
        return UnattendedSession(state, now: { Date() }) {
            let proof: LoginProof =
                if let token = try token.token() {
                    .token(token, provider: nil)
                } else {
                    .keys(try await LoginSigner.candidates(keyFile: sshKey, environment: [:]))
                }
            _ = try await login.run(proof, now: Date(), confirm: { _ in nil })
        }
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
