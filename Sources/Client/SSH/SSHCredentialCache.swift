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

    /// Files for this use, without a key. Everything that has expired is removed first.
    package func prepare(
        for destination: SSHDestination, role: String?, now: Date
    ) throws(ClientError) -> (files: SSHCredentialFiles, isValid: Bool) {
        try AtomicFile.createDirectory(directory)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] where name.hasSuffix("-cert.pub") {
            let files = SSHCredentialFiles(path: "\(directory)/\(name.dropLast("-cert.pub".count))")
            if !isValid(files, now) { remove(files) }
        }
        let files = SSHCredentialFiles(path: "\(directory)/\(Self.name(destination, role))")
        let isValid = isValid(files, now)
        if !isValid { remove(files) }
        return (files, isValid)
    }

    /// Removes what was issued under a grant: it was revoked with it.
    package func forget(grant: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] where name.hasSuffix("-cert.pub") {
            let files = SSHCredentialFiles(path: "\(directory)/\(name.dropLast("-cert.pub".count))")
            guard let line = try? AtomicFile.readText(files.certificatePath, limit: 65_536),
                let certificate = try? SSHCertificate(authorizedKey: line),
                certificate.contents.keyID.hasSuffix("/\(grant)")
            else { continue }
            remove(files)
        }
    }

    /// Where a credential for this use would lie. Nothing is changed.
    package func files(for destination: SSHDestination, role: String?) -> SSHCredentialFiles {
        SSHCredentialFiles(path: "\(directory)/\(Self.name(destination, role))")
    }

    private func isValid(_ files: SSHCredentialFiles, _ now: Date) -> Bool {
        guard let line = try? AtomicFile.readText(files.certificatePath, limit: 65_536),
            let certificate = try? SSHCertificate(authorizedKey: line)
        else { return false }
        return AtomicFile.exists(files.path) && certificate.remaining(at: now) >= Self.shortest
    }

    private func remove(_ files: SSHCredentialFiles) {
        for path in [files.path, files.publicKeyPath, files.certificatePath] { AtomicFile.remove(path) }
    }

    /// A digest, for hosts and logins are no file names.
    private static func name(_ destination: SSHDestination, _ role: String?) -> String {
        let use = [destination.login, destination.host, role ?? ""].joined(separator: "\n")
        return SHA256.hash(data: Data(use.utf8)).prefix(16).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

extension SSHCredentialFiles {
    /// Arguments with which ssh offers this credential and no other key.
    ///
    /// ssh splits the value of `-o` at spaces and replaces `%`; `-i` only the latter.
    package func sshArguments(destination: String, _ arguments: [String]) -> [String] {
        let certificate = certificatePath.replacing("%", with: "%%")
        return [
            "-o", "CertificateFile=\"\(certificate)\"", "-o", "IdentitiesOnly=yes", "-i", path.replacing("%", with: "%%"),
            destination,
        ] + arguments
    }
}
