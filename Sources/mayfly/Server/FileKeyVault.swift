// SPDX-License-Identifier: Apache-2.0

import Crypto
import HTTPService
import Issuance
import Keys
import Logging
import SSHCertificates
import ServiceAPI

/// CA keys as files: `keys/ssh_user.pem` is the one that `init` made, `keys/ssh_user-….pem` one that came later, with the
/// digest of its public key in the name. No file is ever replaced or removed: that is for whoever keeps the backups.
struct FileKeyVault: KeyVault {
    let directory: CADirectory
    let configuration: Configuration
    let logger: Logger

    func makeKey(for purpose: CAKeyPurpose) throws -> any Signer {
        let key = try CAKey.generate(configuration.keys[purpose.key] ?? .ed25519)
        try KeyFile.write(key, to: path(purpose, key.subjectPublicKeyInfo), passphrase: try passphrase())
        return key
    }

    func key(for purpose: CAKeyPurpose, subjectPublicKeyInfo: [UInt8]) throws -> any Signer {
        let own = path(purpose, subjectPublicKeyInfo)
        return try KeyFile.load(
            Files.exists(own) ? own : directory.key(purpose.key), passphrase: try passphrase(), expecting: subjectPublicKeyInfo)
    }

    /// - Throws: also when the public file beside it is another's.
    func firstKey(for purpose: CAKeyPurpose) throws -> any Signer {
        let key = try KeyFile.load(directory.key(purpose.key), passphrase: try passphrase())
        if let file = purpose.publicFile {
            let line = try Files.read(directory.publicFile(file)).filter { $0 != "\n" }
            guard let read = try? SSHPublicKey(authorizedKey: line),
                read == (try SSHPublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo))
            else { throw ServerError.publicFileDamaged(directory.publicFile(file)) }
        }
        return key
    }

    func publish(_ keys: SigningKeys) {
        do {
            let authorities = PublishedAuthorities.authorities(
                try CAKeys.publicFiles(of: directory, name: configuration.name), keys)
            for (file, text) in [
                (CADirectory.PublicFile.sshUserCA, authorities.sshUserCA), (.sshHostCA, authorities.sshHostCA),
                (.issuing, authorities.issuing),
            ] {
                try Files.write(text.hasSuffix("\n") ? text : text + "\n", to: directory.publicFile(file))
            }
        } catch {
            logger.error("public files of the CA keys not written", metadata: ["reason": "\(error)"])
        }
    }

    private func path(_ purpose: CAKeyPurpose, _ subjectPublicKeyInfo: [UInt8]) -> String {
        directory.key(purpose.key, digest: SHA256.hash(data: subjectPublicKeyInfo).prefix(8))
    }

    private func passphrase() throws -> Passphrase {
        try Passphrase(readingFile: directory.resolve(configuration.passphraseFile))
    }
}

extension CAKeyPurpose {
    fileprivate var key: CADirectory.Key {
        switch self {
        case .sshUser: .sshUser
        case .sshHost: .sshHost
        case .issuing: .issuing
        }
    }

    /// The public keys of an SSH CA.
    fileprivate var publicFile: CADirectory.PublicFile? {
        switch self {
        case .sshUser: .sshUserCA
        case .sshHost: .sshHostCA
        case .issuing: nil
        }
    }
}
