// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import ServiceAPI

/// What the client keeps about one server, each thing in a file of its own.
package struct ServerState: Sendable {
    package let address: ServerAddress
    package let path: String

    /// What was proven at login.
    package struct Identity: Codable, Equatable, Sendable {
        package var url: String
        /// Of the service CA.
        package var fingerprint: String
        /// What the CA calls itself.
        package var name: String
        /// Of the last login by SSH key.
        package var user: String?
        /// Of the last login, if it was by one.
        package var provider: String?
    }

    private var identityPath: String { path + "/server.json" }
    private var servicePath: String { path + "/service.pem" }
    private var authoritiesPath: String { path + "/authorities.json" }
    private var sessionPath: String { path + "/session.pem" }
    private var agentPath: String { path + "/agent.json" }
    var checkpointPath: String { path + "/checkpoint" }
    var logKeyPath: String { path + "/log.pub" }
    package var sshPath: String { path + "/ssh" }

    package var isKnown: Bool { AtomicFile.exists(identityPath) }

    package func identity() throws(ClientError) -> Identity { try read(Identity.self, identityPath) }

    /// The service CA that was confirmed at the first login, PEM.
    package func serviceCA() throws(ClientError) -> String { try AtomicFile.readText(servicePath) }

    /// As of the last login.
    package func authorities() throws(ClientError) -> Authorities { try read(Authorities.self, authoritiesPath) }

    package func remember(_ identity: Identity, serviceCA: String, authorities: Authorities) throws(ClientError) {
        try AtomicFile.createDirectory(path)
        try AtomicFile.write(serviceCA, to: servicePath)
        try write(authorities, authoritiesPath)
        // Last: with it the server is known.
        try write(identity, identityPath)
    }

    /// Everything that belongs to the CA that was here before.
    package func forget() { AtomicFile.remove(path) }

    /// - Throws: `notLoggedIn` or `sessionExpired`.
    package func session(now: Date) throws(ClientError) -> Session {
        guard let session = try lastSession() else { throw .notLoggedIn(server: address.url) }
        guard now < session.expiresAt else { throw .sessionExpired(server: address.url, at: session.expiresAt) }
        return session
    }

    /// Also one that has expired.
    func lastSession() throws(ClientError) -> Session? {
        guard AtomicFile.exists(sessionPath) else { return nil }
        return try Session(parsing: try AtomicFile.readText(sessionPath, isSecret: true), path: sessionPath)
    }

    package func remember(_ session: Session) throws(ClientError) {
        try AtomicFile.write(session.text, to: sessionPath)
    }

    /// Also the certificates that were fetched for `mayfly ssh`.
    /// - Returns: what is still there, on a mount that is read-only now.
    package func endSession() -> [String] {
        let paths = [sessionPath, sshPath]
        paths.forEach(AtomicFile.remove)
        return paths.filter(AtomicFile.exists)
    }

    /// The certificates that were fetched for `mayfly ssh`.
    /// - Throws: `unwritable` where they are still there.
    func forgetSSHCredentials() throws(ClientError) {
        AtomicFile.remove(sshPath)
        guard !AtomicFile.exists(sshPath) else { throw .unwritable(path: sshPath) }
    }

    /// Blobs of the certificates that were put into ssh-agent.
    package func agentBlobs() -> [Data] { (try? read([Data].self, agentPath)) ?? [] }

    package func remember(agentBlobs: [Data]) throws(ClientError) {
        if agentBlobs.isEmpty { AtomicFile.remove(agentPath) } else { try write(agentBlobs, agentPath) }
    }

    private func read<Document: Decodable>(_ type: Document.Type, _ path: String) throws(ClientError) -> Document {
        let bytes = try AtomicFile.read(path)
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch { throw .damaged(path: path) }
    }

    private func write(_ document: some Encodable, _ path: String) throws(ClientError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(document) else { throw .unwritable(path: path) }
        try AtomicFile.write(Array(data) + [UInt8(ascii: "\n")], to: path)
    }
}
