// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import Issuance
import Keys
import SSHCertificates
import Storage
import X509Certificates

/// Makes a CA: keys, certificates, the first administrator and the first event of its log.
struct Initialization {
    let directory: CADirectory
    let configuration: Configuration
    let administrator: Administrator

    struct Administrator {
        let name: String
        let login: String
        /// Lines as in `id_ed25519.pub`. Never empty.
        let keys: [String]
    }

    /// Ten years: replaced by `ca rotate` long before.
    private static let rootLifetime: Double = 10 * 365 * 86400  // seconds
    static let issuingLifetime: Double = 5 * 365 * 86400  // seconds

    func run() async throws {
        let files = FileManager.default
        for folder in [directory.path, directory.publicFiles] {
            try Files.createDirectory(folder, mode: 0o755)
        }
        for folder in [directory.keys, directory.state] {
            try Files.createDirectory(folder, mode: 0o700)
        }
        let passphrasePath = directory.resolve(configuration.passphraseFile)
        if !files.fileExists(atPath: passphrasePath) { try Passphrase.random().write(to: passphrasePath) }
        let passphrase = try Passphrase(readingFile: passphrasePath)

        var keys: [CADirectory.Key: CAKey] = [:]
        for key in CADirectory.Key.allCases {
            let made = try CAKey.generate(configuration.keys[key] ?? .ed25519)
            try KeyFile.write(made, to: directory.key(key), passphrase: passphrase)
            keys[key] = made
        }
        try await writePublicFiles(keys)
        if !files.fileExists(atPath: directory.resolve(configuration.users)) {
            try Files.write(usersFile, to: directory.resolve(configuration.users), isPrivate: true)
        }
        try await recordBirth()
    }

    private func writePublicFiles(_ keys: [CADirectory.Key: CAKey]) async throws {
        guard let rootKey = keys[.root], let issuingKey = keys[.issuing], let serviceKey = keys[.service],
            let userKey = keys[.sshUser], let hostKey = keys[.sshHost], let logKey = keys[.log]
        else { return }
        let now = SystemClock().wholeSeconds
        let root = try await CACertificates.root(
            commonName: "\(configuration.name) root CA", signer: rootKey, now: now, lifetime: Self.rootLifetime)
        let issuing = try await CACertificates.issuing(
            commonName: "\(configuration.name) issuing CA", key: issuingKey, under: root, signer: rootKey, now: now,
            lifetime: Self.issuingLifetime)
        let service = try await CACertificates.service(
            commonName: "\(configuration.name) service CA", signer: serviceKey, now: now, lifetime: Self.rootLifetime)
        let rootList = try await CACertificates.rootList(root, signer: rootKey, now: now)
        let log = try CheckpointVerifier(
            name: LogReader.origin(of: configuration.name), subjectPublicKeyInfo: logKey.subjectPublicKeyInfo)
        let contents: [CADirectory.PublicFile: String] = [
            .root: root.pem, .rootList: rootList.pem, .issuing: issuing.pem, .service: service.pem,
            .sshUserCA: try sshLine(userKey, comment: "\(configuration.name) SSH user CA"),
            .sshHostCA: try sshLine(hostKey, comment: "\(configuration.name) SSH host CA"), .log: log.vkey + "\n",
        ]
        for (file, text) in contents { try Files.write(text, to: directory.publicFile(file)) }
    }

    private func sshLine(_ key: CAKey, comment: String) throws -> String {
        try SSHPublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo).authorizedKey(comment: comment) + "\n"
    }

    private var usersFile: String {
        let keys = administrator.keys.map { "      - \"\($0)\"\n" }.joined()
        return """
            # Who may log in with which SSH keys. Read again when it changes; `mayfly serve` refuses a file it cannot read whole.
            users:
              \(administrator.name):
                login: \(administrator.login)
                groups: [admins]
                ssh_keys:
            \(keys)
            """
    }

    /// The first leaf of the log.
    private func recordBirth() async throws {
        let store = try await SQLStore.sqlite(path: directory.database)
        let event = AuditEvent(
            time: AuditTime(SystemClock().now), type: .authorityInitialized,
            actor: .init(provider: "console", user: administrator.name, login: administrator.login))
        _ = try await store.commit([try CommitEntry(event: event)])
    }
}
