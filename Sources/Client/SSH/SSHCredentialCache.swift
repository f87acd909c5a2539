// SPDX-License-Identifier: Apache-2.0

import Crypto
package import FoundationEssentials
import SSHCertificates

/// Credentials of `mayfly ssh`: one for each host, login and role, used until it has almost expired, then deleted.
package struct SSHCredentialCache: Sendable {
    private let directory: String

    /// Shorter than this, a login could come too late.
    private static let shortest = Duration.seconds(30)

    package init(_ state: ServerState) {
        directory = state.sshPath
    }

    /// Runs `body` while no other process prepares or fetches this credential: of many calls at once one fetches it, and
    /// none uses a key with another's certificate.
    package func alone<Result>(
        with destination: SSHDestination, role: String?, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async throws -> Result {
        try AtomicFile.createDirectory(directory)
        // 16 locks for all credentials: few wait for what is not theirs, and none has to be removed.
        return try await FileLock.holding("\(directory)/lock-\(Self.name(destination, role).prefix(1))", body)
    }

    /// Files for this use, without a key. Everything that has expired is removed first.
    package func prepare(
        for destination: SSHDestination, role: String?, now: Date
    ) throws(ClientError) -> (files: SSHCredentialFiles, isValid: Bool) {
        try AtomicFile.createDirectory(directory)
        for files in all {
            if !isValid(files, now), !isBeingReplaced(files, now) { remove(files) }
        }
        let files = SSHCredentialFiles(path: "\(directory)/\(Self.name(destination, role))")
        let isValid = isValid(files, now)
        if !isValid { remove(files) }
        return (files, isValid)
    }

    /// Removes what was issued under a grant: it was revoked with it.
    package func forget(grant: String) {
        for files in all {
            if self.grant(of: files) == grant { remove(files) }
        }
    }

    /// The grant that a credential was issued under; nil where it was issued under a rule alone.
    package func grant(of files: SSHCredentialFiles) -> String? {
        guard let certificate = certificate(of: files) else { return nil }
        // User, role, and the grant or the rule.
        let last = certificate.contents.keyID.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init)
        return last?.wholeMatch(of: /[a-z2-7]{12}/) == nil ? nil : last
    }

    /// Where a credential for this use would lie. Nothing is changed.
    package func files(for destination: SSHDestination, role: String?) -> SSHCredentialFiles {
        SSHCredentialFiles(path: "\(directory)/\(Self.name(destination, role))")
    }

    private var all: [SSHCredentialFiles] {
        let suffix = "-cert.pub"
        return ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { $0.hasSuffix(suffix) }
            .map { SSHCredentialFiles(path: "\(directory)/\($0.dropLast(suffix.count))") }
    }

    private func certificate(of files: SSHCredentialFiles) -> SSHCertificate? {
        guard let line = try? AtomicFile.readText(files.certificatePath, limit: 65_536) else { return nil }
        return try? SSHCertificate(authorizedKey: line)
    }

    private func isValid(_ files: SSHCredentialFiles, _ now: Date) -> Bool {
        guard let certificate = certificate(of: files) else { return false }
        return AtomicFile.exists(files.path) && certificate.remaining(at: now) >= Self.shortest
    }

    /// Another process has just put a new key there, and its certificate comes next.
    private func isBeingReplaced(_ files: SSHCredentialFiles, _ now: Date) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: files.path)
        guard let written = attributes?[.modificationDate] as? Date else { return false }
        return abs(now.timeIntervalSince(written)) < 60
    }

    private func remove(_ files: SSHCredentialFiles) {
        for path in [files.path, files.publicKeyPath, files.certificatePath, files.knownHostsPath] { AtomicFile.remove(path) }
    }

    /// How many credentials can be used.
    /// - Throws: `damaged` for a certificate that cannot be read, or whose key is missing or another one.
    func check(now: Date) throws(ClientError) -> Int {
        var count = 0
        for files in all {
            guard let certificate = certificate(of: files), AtomicFile.exists(files.path),
                let key = try? SSHCredentialFiles.publicKey(inFile: files.publicKeyPath), key == certificate.contents.publicKey
            else { throw .damaged(path: files.certificatePath) }
            if isValid(files, now) { count += 1 }
        }
        return count
    }

    /// A digest, for hosts and logins are no file names.
    private static func name(_ destination: SSHDestination, _ role: String?) -> String {
        let use = [destination.login, destination.host, role ?? ""].joined(separator: "\n")
        return SHA256.hash(data: Data(use.utf8)).prefix(16).hexadecimal
    }
}

extension SSHCredentialFiles {
    /// Arguments with which ssh offers this credential and no other key.
    ///
    /// ssh splits the value of `-o` at spaces and replaces `%`; `-i` only the latter.
    /// - Parameter hostCA: lines as in `ssh_host_ca.pub`; certificates of these are taken from the host, and from no other.
    package func sshArguments(
        destination: String, resolved: SSHDestination, hostCA: String, _ arguments: [String]
    ) throws(ClientError) -> [String] {
        guard let known = KnownHosts(resolved, authorities: hostCA, path: knownHostsPath) else {
            return sshArguments(destination: destination, arguments)
        }
        try AtomicFile.write(known.text, to: knownHostsPath)
        return ["-o", "UserKnownHostsFile=\(known.option)"] + sshArguments(destination: destination, arguments)
    }

    func sshArguments(destination: String, _ arguments: [String]) -> [String] {
        let certificate = certificatePath.replacing("%", with: "%%")
        return [
            "-o", "CertificateFile=\"\(certificate)\"", "-o", "IdentitiesOnly=yes", "-i", path.replacing("%", with: "%%"),
            destination,
        ] + arguments
    }
}
