// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
import X509

/// A key and its certificate in a folder: `key.pem`, `cert.pem`, `chain.pem` with the issuing CA after the leaf, and where it is
/// wanted `combined.pem` with the key before the chain.
///
/// Files are replaced one by one, so a server that reads two of them may read one from before and one from after. The key is
/// therefore never replaced: whatever it reads fits. INVARIANT: `chain.pem` says which certificate is in force; the others
/// follow it, and a key that is new comes after it, so that an older chain never stands beside it.
package struct CredentialFolder: Sendable {
    package let directory: String
    /// For servers that want one file, such as HAProxy.
    package let isCombined: Bool

    package init(_ directory: String, isCombined: Bool = false) {
        self.directory = directory
        self.isCombined = isCombined
    }

    package var keyPath: String { directory + "/key.pem" }
    package var certificatePath: String { directory + "/cert.pem" }
    package var chainPath: String { directory + "/chain.pem" }
    package var combinedPath: String { directory + "/combined.pem" }
    /// What a server reads.
    package var paths: [String] { [chainPath, certificatePath] + (isCombined ? [combinedPath] : []) }
    package var reloadRecord: String { directory + "/.reloaded" }
    /// The id of the token that the certificate came of, where it did.
    var enrolmentRecord: String { directory + "/.enrolled" }
    /// Whether the certificate here came of a token, so that it can renew itself.
    package var isEnrolled: Bool { AtomicFile.exists(enrolmentRecord) }
    var hasChain: Bool { AtomicFile.exists(chainPath) }

    /// The certificates that are in force, the leaf first; empty where there are none.
    func chain() -> [Certificate] {
        (try? AtomicFile.readText(chainPath)).map(Self.certificates) ?? []
    }

    /// Those of a PEM text; empty where it is none.
    static func certificates(_ text: String) -> [Certificate] {
        guard let documents = try? PEMDocument.parseMultiple(pemString: text) else { return [] }
        let certificates = documents.compactMap { try? Certificate(pemDocument: $0) }
        return certificates.count == documents.count ? certificates : []
    }

    /// Whether the certificate is for the key here; true where the key is elsewhere.
    func isForKey(_ certificate: Certificate) throws(ClientError) -> Bool {
        guard AtomicFile.exists(keyPath) else { return false }
        return try key().publicKey == certificate.publicKey
    }

    func key() throws(ClientError) -> Certificate.PrivateKey {
        do {
            return try Certificate.PrivateKey(pemEncoded: try keyText())
        } catch let error as ClientError {
            throw error
        } catch {
            throw .keyFile(path: keyPath, reason: "not a private key in PEM without passphrase")
        }
    }

    private func keyText() throws(ClientError) -> String { try AtomicFile.readText(keyPath, isSecret: true) }

    /// Chain and key, to open a connection with.
    func credential() throws(ClientError) -> ClientCredential {
        ClientCredential(chain: try AtomicFile.readText(chainPath), key: try keyText())
    }

    /// A key for a folder that has neither key nor certificate; where it has one of them, nothing is done.
    func installKey(_ pem: @autoclosure () throws -> String, _ files: DurableFiles) throws {
        guard !AtomicFile.exists(keyPath), !hasChain else { return }
        try AtomicFile.createDirectory(directory, mode: 0o755)
        let lock = try DirectoryLock(directory)
        if !AtomicFile.exists(keyPath), !hasChain { try files.replace(keyPath, with: Array((pem() + "\n").utf8), mode: 0o600) }
        _ = consume lock
    }

    /// Puts a chain in force.
    /// - Parameter newKey: PEM, where there was no key.
    /// - Returns: the paths written.
    func install(chain: String, newKey: String?, _ files: DurableFiles) throws -> [String] {
        // Servers that run as another user read the certificates; the key is closed to them by its own mode.
        try AtomicFile.createDirectory(directory, mode: 0o755)
        let lock = try DirectoryLock(directory)
        guard newKey == nil || !AtomicFile.exists(keyPath) else { throw ClientError.host(.busy) }
        try files.replace(chainPath, with: Array(chain.utf8))
        if let newKey { try files.replace(keyPath, with: Array((newKey + "\n").utf8), mode: 0o600) }
        try follow(files)
        _ = consume lock
        return (newKey == nil ? [] : [keyPath]) + [certificatePath, chainPath] + (isCombined ? [combinedPath] : [])
    }

    /// Whether we were interrupted before every file followed the chain.
    func lacks() throws -> Bool {
        try followers().contains { path, contents, _ in (try? AtomicFile.readText(path)) != contents }
    }

    func complete(_ files: DurableFiles) throws {
        let lock = try DirectoryLock(directory)
        try follow(files)
        _ = consume lock
    }

    private func follow(_ files: DurableFiles) throws {
        for (path, contents, mode) in try followers() where (try? AtomicFile.readText(path)) != contents {
            try files.replace(path, with: Array(contents.utf8), mode: mode)
        }
    }

    private func followers() throws -> [(path: String, contents: String, mode: UInt32)] {
        let chain = try AtomicFile.readText(chainPath)
        guard let leaf = Self.certificates(chain).first else { throw ClientError.damaged(path: chainPath) }
        var all: [(path: String, contents: String, mode: UInt32)] = [
            (certificatePath, try leaf.serializeAsPEM().pemString + "\n", 0o644)
        ]
        if isCombined { all.append((combinedPath, Self.line(try keyText()) + chain, 0o600)) }
        return all
    }

    static func line(_ text: String) -> String { text.hasSuffix("\n") ? text : text + "\n" }
}
