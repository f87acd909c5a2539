// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import SSHCertificates
import ServiceAPI

/// A key pair and its certificate in three files, as `ssh-keygen` names them.
package struct SSHCredentialFiles: Sendable {
    /// Of the private key; `.pub` and `-cert.pub` lie beside it.
    package let path: String

    package init(path: String) {
        self.path = path
    }

    package var publicKeyPath: String { path + ".pub" }
    package var certificatePath: String { path + "-cert.pub" }
    /// What `mayfly ssh` lets ssh know of the host it is for.
    var knownHostsPath: String { path + "-known_hosts" }

    /// Whether a key is there, which is then certified again and never replaced.
    /// - Throws: `wouldReplace` for half a key pair.
    package func hasKey() throws(ClientError) -> Bool {
        let hasPublicKey = AtomicFile.exists(publicKeyPath)
        guard AtomicFile.exists(path) == hasPublicKey else {
            throw .wouldReplace(path: hasPublicKey ? publicKeyPath : path)
        }
        return hasPublicKey
    }

    /// A new key. In place before its certificate is, so that no certificate lies there without one.
    /// - Parameter readers: of the public half.
    package func write(
        _ key: borrowing OpenSSHPrivateKey, comment: String, for readers: AtomicFile.Readers = .everyone
    ) throws(ClientError) {
        do {
            let secret = try key.fileContents(comment: comment)
            try secret.withBytes { bytes throws(ClientError) in try AtomicFile.write(bytes, to: path) }
            try AtomicFile.write(
                try key.publicKey.authorizedKey(comment: comment) + "\n", to: publicKeyPath, for: readers)
        } catch let error as ClientError {
            throw error
        } catch {
            throw .unwritable(path: path)
        }
    }

    package static func publicKey(inFile path: String) throws(ClientError) -> SSHPublicKey {
        let text = try AtomicFile.readText(path, limit: 65_536)
        do throws(SSHKeyError) {
            return try SSHPublicKey(authorizedKey: text)
        } catch {
            throw .keyFile(path: path, reason: error.description)
        }
    }

    /// Replaces an older certificate, and nothing else.
    package static func write(
        _ certificate: SSHCertificate, comment: String, to path: String, for readers: AtomicFile.Readers = .everyone
    ) throws(ClientError) {
        if AtomicFile.exists(path) {
            let old = try? AtomicFile.readText(path, limit: 65_536)
            guard old?.contains("-cert-v01@openssh.com ") ?? false else { throw .wouldReplace(path: path) }
        }
        guard let line = try? certificate.authorizedKey(comment: comment) else { throw .unwritable(path: path) }
        try AtomicFile.write(line + "\n", to: path, for: readers)
    }

    /// As `ssh-keygen -s` names it: `id-cert.pub` for `id.pub`.
    package static func certificatePath(forPublicKey path: String) -> String {
        (path.hasSuffix(".pub") ? String(path.dropLast(4)) : path) + "-cert.pub"
    }
}

extension SSHCertificate {
    /// What the server sent for `key`.
    package init(issued line: String, for key: SSHPublicKey) throws(ClientError) {
        do throws(SSHCertificateError) {
            try self.init(authorizedKey: line)
        } catch {
            throw .unexpectedReply(error.description)
        }
        guard contents.publicKey == key else { throw .certificateOfOtherKey }
    }

    /// What is left of it; not more than nothing once it has expired.
    package func remaining(at now: Date) -> Duration {
        let end = Double(contents.validity.validBefore)
        return .seconds(max(0, (end - now.timeIntervalSince1970).rounded(.down)))
    }
}
