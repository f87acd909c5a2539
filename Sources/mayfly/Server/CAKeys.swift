// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Issuance
import Keys
import ServiceAPI
import X509Certificates

/// The keys the service signs with that are never rotated, and the public files of all, each checked against the other. The
/// root key is not among them: it can be taken away.
struct CAKeys {
    private let directory: CADirectory
    private let keys: [CADirectory.Key: CAKey]

    init(_ directory: CADirectory, passphraseFile: String) throws {
        guard directory.isInitialized else { throw ServerError.notInitialized(directory.path) }
        self.directory = directory
        let passphrase = try Passphrase(readingFile: directory.resolve(passphraseFile))
        var keys: [CADirectory.Key: CAKey] = [:]
        for key in [CADirectory.Key.service, .log] {
            keys[key] = try KeyFile.load(directory.key(key), passphrase: passphrase)
        }
        self.keys = keys
    }

    subscript(key: CADirectory.Key) -> any Signer {
        get throws {
            guard let key = keys[key] else { throw ServerError.unreadable(directory.key(key)) }
            return key
        }
    }

    /// - Throws: when the certificate is damaged or not for this key.
    func authority(_ file: CADirectory.PublicFile, _ key: CADirectory.Key) throws -> X509Authority {
        try authority(file, try self[key])
    }

    private func authority(_ file: CADirectory.PublicFile, _ signer: any Signer) throws -> X509Authority {
        do {
            let certificate = try IssuerCertificate(pem: try Files.read(directory.publicFile(file)))
            return try X509Authority(certificate: certificate, signer: signer)
        } catch is IssuerCertificateError, is AuthorityError {
            throw ServerError.publicFileDamaged(directory.publicFile(file))
        }
    }

    /// The issuing CA that `init` made.
    func firstIssuing(signer: any Signer) throws -> X509Authority {
        try authority(.issuing, signer)
    }

    /// The root of the workloads.
    func root() throws -> IssuerCertificate {
        guard let root = try? IssuerCertificate(pem: try Files.read(directory.publicFile(.root))) else {
            throw ServerError.publicFileDamaged(directory.publicFile(.root))
        }
        return root
    }

    /// The root's revocation list.
    /// - Throws: when it is damaged or not of this root.
    func rootList() throws -> RevocationList? {
        let path = directory.publicFile(.rootList)
        guard Files.exists(path) else { return nil }
        guard let list = try? RevocationList(pem: try Files.read(path)), list.isSigned(by: try root()) else {
            throw ServerError.publicFileDamaged(path)
        }
        return list
    }

    /// What the service publishes as long as no key was rotated.
    static func publicFiles(of directory: CADirectory, name: String) throws -> Authorities {
        func text(_ file: CADirectory.PublicFile) throws -> String { try Files.read(directory.publicFile(file)) }
        func line(_ file: CADirectory.PublicFile) throws -> String { try text(file).filter { $0 != "\n" } }
        return Authorities(
            name: name, sshUserCA: try line(.sshUserCA), sshHostCA: try line(.sshHostCA), root: try text(.root),
            issuing: try text(.issuing), service: try text(.service), log: try line(.log))
    }
}
