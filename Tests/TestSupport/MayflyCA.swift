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
        /// More arguments of `mayfly init`.
        package var initArguments: [String]
        /// Lines that replace those of the same key in `mayfly.yaml`.
        package var settings: [String: String]

        package init(
            policies: String = Repository.root + "/policies", login: String = CurrentUser.name, initArguments: [String] = [],
            settings: [String: String] = [:]
        ) {
            self.policies = policies
            self.login = login
            self.initArguments = initArguments
            self.settings = settings
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
    package var administratorKey: String { directory.file("admin_key") }

    /// The client's state of the administrator.
    package var home: String { directory.file("home") }

    package static var binary: String { Repository.binaries + "/mayfly" }

    package init(_ configuration: Configuration = Configuration()) async throws {
        directory = try TemporaryDirectory()
        caDirectory = directory.file("ca")
        login = configuration.login
        try directory.makeDirectory("home")
        try await Self.makeKey(directory.file("admin_key"))
        let initialized = try await TestSupport.run(
            Self.binary,
            [
                "init", "--json", "--dir", caDirectory, "--name", "Example", "--host", "localhost", "--host", "127.0.0.1",
                "--listen", "127.0.0.1:0", "--policies", configuration.policies, "--admin", Self.administrator,
                "--admin-login", login, "--admin-key", directory.file("admin_key.pub"),
            ] + configuration.initArguments, environment: ["HOME": directory.file("home")]
        ).checked()
        struct Initialized: Decodable { let fingerprint: String }
        fingerprint = try JSONDecoder().decode(Initialized.self, from: Data(initialized.outputBytes)).fingerprint
        try Self.apply(configuration.settings, to: caDirectory + "/mayfly.yaml")

        let process = try await BackgroundProcess(
            "mayfly", Self.binary, ["serve", "--dir", caDirectory], environment: ["HOME": directory.file("home")],
            logPath: directory.file("mayfly.log"))
        try await process.waitUntilReady { Self.url(in: process.log) != nil }
        url = Self.url(in: process.log) ?? ""
        self.process = process
    }

    package func stop() async { await process.stop() }

    package func send(_ signal: Int32) { process.send(signal) }

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

    /// Logs the administrator in.
    package func logIn() async throws {
        try await mayfly([
            "login", url, "--fingerprint", fingerprint, "--user", Self.administrator, "--ssh-key", administratorKey,
        ]).checked()
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

    private static func apply(_ settings: [String: String], to path: String) throws {
        guard !settings.isEmpty else { return }
        var text = try String(contentsOfFile: path, encoding: .utf8)
        for (key, value) in settings {
            let kept = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("\(key):") }
            text = kept.joined(separator: "\n") + "\(key): \(value)\n"
        }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
