// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// A running CA whose administrator is logged in, and a folder for what it issues.
struct Lab {
    let ca: MayflyCA
    let work: TemporaryDirectory
    /// The administrator's login: the account this process may log in to.
    let login: String

    /// Files of one X.509 credential.
    struct Credential {
        let leaf: String
        let chain: String
        let key: String

        init(folder: String) {
            leaf = folder + "/cert.pem"
            chain = folder + "/chain.pem"
            key = folder + "/key.pem"
        }
    }

    /// Everything stops when `body` returns.
    /// - Parameters:
    ///   - policy: the text of one policy file; without it the samples of this repository.
    ///   - policies: a directory to take them from instead.
    ///   - keys: algorithms by the name of the CA key, as in `mayfly.yaml`.
    static func open(
        policy: String? = nil, policies: String? = nil, keys: [String: String] = [:], settings: [String: String] = [:],
        people: [MayflyCA.Person] = [], _ body: (Lab) async throws -> Void
    ) async throws {
        var configuration = MayflyCA.Configuration(settings: settings, people: people)
        if let policies { configuration.policies = policies }
        if !keys.isEmpty {
            configuration.settings["keys"] = "{" + keys.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        }
        try await inTurn { try await start(policy, configuration, body) }
    }

    /// The same while it is this test's turn already: a second CA.
    static func openAnother(policy: String? = nil, _ body: (Lab) async throws -> Void) async throws {
        try await start(policy, MayflyCA.Configuration(), body)
    }

    private static func start(
        _ policy: String?, _ configuration: MayflyCA.Configuration, _ body: (Lab) async throws -> Void
    ) async throws {
        let work = try TemporaryDirectory()
        defer { work.close() }
        var configuration = configuration
        if let policy {
            configuration.policies = try work.makeDirectory("policies")
            try work.write(policy, to: "policies/policy.yaml")
        }
        try await serving(try await MayflyCA(configuration)) { ca in
            try await ca.logIn()
            try await body(Lab(ca: ca, work: work, login: ca.login))
        }
    }

    /// As the administrator, and successfully.
    @discardableResult
    func mayfly(_ arguments: [String]) async throws -> ProcessResult { try await ca.mayfly(arguments).checked() }

    /// What `ca export` prints, such as the line of an SSH CA.
    func exported(_ format: String) async throws -> String {
        try await mayfly(["ca", "export", "--format", format]).stdout.trimmingCharacters(in: .newlines)
    }

    /// A file with what `ca export` prints, for servers to trust.
    func exportedFile(_ format: String) async throws -> String {
        try work.write(try await exported(format) + "\n", to: format + ".pem", mode: 0o644)
    }

    /// A new key and `.pub` file.
    func makeKey(_ name: String, type: [String] = ["-t", "ed25519"]) async throws -> String {
        let path = work.file(name)
        try await MayflyCA.makeKey(path, type: type)
        return path
    }

    /// The path of a certificate for the key at `key`.
    func certify(_ key: String, role: String, _ arguments: [String] = []) async throws -> String {
        let path = "\(key)-\(role)-\(UInt32.random(in: .min ... .max))-cert.pub"
        try await mayfly(["issue", "ssh", "--role", role, "--public-key", key + ".pub", "--out", path] + arguments)
        return path
    }

    /// The path of a host certificate for the key at `key`: always the same one.
    func certifyHost(_ key: String, name: String, _ arguments: [String] = []) async throws -> String {
        try await mayfly(
            ["issue", "ssh-host", "--role", "host", "--host", name, "--public-key", key + ".pub"] + arguments)
        return key + "-cert.pub"
    }

    func x509(_ role: String, _ arguments: [String] = []) async throws -> Credential {
        let folder = work.file("\(role)-\(UInt32.random(in: .min ... .max))")
        try await mayfly(["issue", "x509", "--role", role, "--out", folder] + arguments)
        return Credential(folder: folder)
    }

    /// The session of the administrator, as files of the kind other certificates have.
    func session() async throws -> Credential {
        let folder = try work.makeDirectory("session-\(UInt32.random(in: .min ... .max))")
        let server = ca.url.dropFirst("https://".count)
        let text = try String(contentsOfFile: "\(ca.home)/mayfly/servers/\(server)/session.pem", encoding: .utf8)
        let name = String(folder.dropFirst(work.path.count + 1))
        for file in ["cert.pem", "chain.pem", "key.pem"] { try work.write(text, to: "\(name)/\(file)") }
        return Credential(folder: folder)
    }
}
