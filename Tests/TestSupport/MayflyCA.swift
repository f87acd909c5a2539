// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A real CA: made by `mayfly init` in a directory of its own, served by `mayfly serve` on a free port of 127.0.0.1, with an
/// administrator who can log in. Nothing of the person who runs it is read or written: `HOME` is a directory of its own too.
package final class MayflyCA: RunningServer {
    package struct Configuration: Sendable {
        /// The policy directory; by default the samples of this repository.
        package var policies: String
        /// The administrator's login on servers, which their certificates carry.
        package var login: String
        /// More of `mayfly.yaml`, or in place of what the test needs: keys and their values in YAML's flow style.
        package var settings: [String: String]
        /// Users besides the administrator.
        package var people: [Person]

        package init(
            policies: String = Repository.root + "/policies", login: String = CurrentUser.name,
            settings: [String: String] = [:], people: [Person] = []
        ) {
            self.policies = policies
            self.login = login
            self.settings = settings
            self.people = people
        }
    }

    /// A user with a key of their own: a line of the user file.
    package struct Person: Sendable {
        package let name: String
        package let login: String
        package let groups: [String]

        package init(_ name: String, login: String, groups: [String] = []) {
            self.name = name
            self.login = login
            self.groups = groups
        }
    }

    package static let administrator = "ada@example.com"

    package let directory: TemporaryDirectory
    package let caDirectory: String
    package let url: String
    /// What clients pin: `SHA256:…`.
    package let fingerprint: String
    package let login: String
    private let process: BackgroundProcess

    package var processID: Int32 { process.processID }
    package var log: String { process.log }
    package var administratorKey: String { key(of: Self.administrator) }

    /// The client's state of the administrator.
    package var home: String { home(of: Self.administrator) }

    /// The private key a user logs in with.
    package func key(of name: String) -> String { directory.file("key-" + name) }

    package func home(of name: String) -> String { directory.file("home-" + name) }

    package static var binary: String { Repository.binaries + "/mayfly" }

    package init(_ configuration: Configuration = Configuration()) async throws {
        directory = try TemporaryDirectory()
        caDirectory = directory.file("ca")
        login = configuration.login
        let home = try directory.makeDirectory("home-" + Self.administrator)
        let administratorKey = directory.file("key-" + Self.administrator)
        try await Self.makeKey(administratorKey)
        try directory.makeDirectory("ca")
        try directory.write(Self.settings(of: configuration), to: "ca/mayfly.yaml")
        let initialized = try await TestSupport.run(
            Self.binary,
            [
                "init", "--json", "--dir", caDirectory, "--admin", Self.administrator, "--admin-login", login,
                "--admin-key", administratorKey + ".pub",
            ], environment: ["HOME": home]
        ).checked()
        struct Initialized: Decodable { let fingerprint: String }
        fingerprint = try JSONDecoder().decode(Initialized.self, from: Data(initialized.outputBytes)).fingerprint
        if !configuration.people.isEmpty { try await Self.add(configuration.people, to: directory) }

        let process = try await BackgroundProcess(
            "mayfly", Self.binary, ["serve", "--dir", caDirectory], environment: ["HOME": home],
            logPath: directory.file("mayfly.log"))
        try await process.waitUntilReady { Self.url(in: process.log) != nil }
        url = Self.url(in: process.log) ?? ""
        self.process = process
    }

    package func stop() async { await process.stop() }

    package func send(_ signal: Int32) { process.send(signal) }

    /// Waits for the server to end by itself. `nil` if it still runs after `limit`.
    package func status(within limit: Duration) async throws -> Int32? { try await process.status(within: limit) }

    /// Runs `mayfly` as a person with a home of their own.
    /// - Parameter home: the administrator's, unless said otherwise.
    @discardableResult
    package func mayfly(
        _ arguments: [String], home: String? = nil, environment: [String: String] = [:], input: String? = nil
    ) async throws -> ProcessResult {
        let home = home ?? self.home
        let own = ["HOME": home, "MAYFLY_HOME": home + "/mayfly"]
        return try await TestSupport.run(
            Self.binary, arguments, environment: own.merging(environment) { $1 }, input: input)
    }

    /// Logs the administrator in, or one of the people.
    package func logIn(as name: String = MayflyCA.administrator) async throws {
        try await mayfly(
            ["login", url, "--fingerprint", fingerprint, "--user", name, "--ssh-key", key(of: name)], home: home(of: name)
        ).checked()
    }

    /// A new Ed25519 key without passphrase at `path`, and its public half at `path.pub`.
    package static func makeKey(_ path: String, type: [String] = ["-t", "ed25519"]) async throws {
        try await TestSupport.run("ssh-keygen", ["-q", "-N", "", "-C", "", "-f", path] + type).checked()
    }

    /// The line `mayfly serve` prints once it accepts connections ends in its address.
    private static func url(in log: String) -> String? {
        log.split(separator: "\n").first { $0.hasPrefix("mayfly: serving ") }
            .flatMap { $0.split(separator: " ").last.map(String.init) }
    }

    private static func settings(of configuration: Configuration) -> String {
        let own = [
            "name": "Example", "listen": "\"127.0.0.1:0\"", "hosts": "[localhost, \"127.0.0.1\"]",
            "policies": "\"\(configuration.policies)\"",
        ]
        return own.merging(configuration.settings) { $1 }.map { "\($0.key): \($0.value)\n" }.sorted().joined()
    }

    /// The user file ends with the list of users.
    private static func add(_ people: [Person], to directory: TemporaryDirectory) async throws {
        var text = try directory.text(of: "ca/users.yaml")
        for person in people {
            try directory.makeDirectory("home-" + person.name)
            try await makeKey(directory.file("key-" + person.name))
            let key = try directory.text(of: "key-\(person.name).pub").trimmingCharacters(in: .newlines)
            text += "\n  \(person.name):\n    login: \(person.login)\n    ssh_keys: [\"\(key)\"]\n"
            if !person.groups.isEmpty { text += "    groups: [\(person.groups.joined(separator: ", "))]\n" }
        }
        try directory.write(text, to: "ca/users.yaml")
    }
}
