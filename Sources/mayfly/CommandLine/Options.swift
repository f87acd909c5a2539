// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import Policies

struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON document.")
    var json = false

    /// The document, or its text for people.
    func print(_ document: some Encodable, text: () -> String) throws {
        if json { try Console.write(json: document) } else { Console.write(text()) }
    }
}

struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The server, if not that of the last login.", valueName: "url"))
    var server: String?

    func state() throws -> ServerState {
        try Home(environment: ProcessInfo.processInfo.environment).server(server)
    }

    /// That of a server which need not be known, or of the last login.
    func address(_ home: Home) throws -> ServerAddress {
        try server.map { try ServerAddress($0) } ?? home.server().address
    }

    /// Calls the server as the person who is logged in.
    func connected<Result>(_ body: (APIClient, ServerState) async throws -> Result) async throws -> Result {
        let state = try state()
        return try await APIClient.connected(
            to: state.address, serviceCA: try state.serviceCA(), session: try state.session(now: Date())
        ) { try await body($0, state) }
    }
}

/// A token that says which workload this is.
struct TokenOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A token that says which workload this is: a JWT for this CA.", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp("The same, in a variable of the environment, as some CI systems give it.", valueName: "variable"))
    var tokenEnv: String?

    var isGiven: Bool { tokenFile != nil || tokenEnv != nil }

    func validate() throws {
        guard tokenFile == nil || tokenEnv == nil else { throw ValidationError("one token will do") }
    }

    func token() throws -> String? {
        let text: String
        if let tokenEnv {
            guard let value = ProcessInfo.processInfo.environment[tokenEnv], !value.isEmpty else {
                throw ServerError.invalidOption("there is nothing in variable `\(tokenEnv)`")
            }
            text = value
        } else if let tokenFile {
            text = try AtomicFile.readText(tokenFile, limit: 65_536)
        } else {
            return nil
        }
        let token = Self.trimmed(text)
        guard token.utf8.count <= 16_384, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw ServerError.invalidOption("that is no token: it is too long, or has spaces in it")
        }
        return token
    }

    /// Some systems end the file with a newline.
    private static func trimmed(_ text: String) -> String {
        var text = text
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

/// Who asks for a certificate: the person who is logged in, or a workload with its token.
struct IssuerOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions
    @OptionGroup var token: TokenOptions

    @Option(help: "With a token: fingerprint of the service CA, where nobody has logged in before.")
    var fingerprint: String?

    /// - Parameter hasToken: of another kind.
    func check(hasToken: Bool = false) throws {
        guard fingerprint == nil || token.isGiven || hasToken else {
            throw ValidationError("`--fingerprint` goes with a token")
        }
    }

    func connected<Result>(_ body: (APIClient) async throws -> Result) async throws -> Result {
        guard let token = try token.token() else { return try await server.connected { client, _ in try await body(client) } }
        let home = try Home(environment: ProcessInfo.processInfo.environment)
        let address = try server.address(home)
        return try await APIClient.connected(
            to: address, serviceCA: try await serviceCA(of: home.state(of: address)), session: nil, token: token, body)
    }

    /// The one that is named, else the one of the last login.
    private func serviceCA(of state: ServerState) async throws -> String {
        if let fingerprint { return try await ServiceCA.presented(by: state.address, fingerprint: fingerprint).pem }
        guard state.isKnown else {
            throw ServerError.invalidOption("name the service CA with `--fingerprint`, as `mayfly init` printed it")
        }
        return try state.serviceCA()
    }
}

struct IssueOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("How long it is to be valid, such as 30m or 8h.", valueName: "duration"),
        transform: { try PolicyDuration.parse($0) })
    var lifetime: Duration?

    @Option(help: "Why; some rules ask for it.")
    var reason: String?

    @Option(help: "The ticket that asks for it; some rules want one.")
    var ticket: String?

    /// Whole seconds.
    var lifetimeSeconds: Int? { lifetime.map { Int($0.components.seconds) } }
}

struct GrantOptions: ParsableArguments {
    @Option(help: "The grant to use; by default whichever permits it.")
    var grant: String?
}

extension Date {
    /// `2026-11-23T10:00:00Z`.
    var text: String { formatted(.iso8601) }
}
