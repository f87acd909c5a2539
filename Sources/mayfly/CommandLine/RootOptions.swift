// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Issuance
import Keys
import X509Certificates

/// Where the root key lies and what belongs to it: in the CA directory, or wherever it was taken.
struct RootOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The CA directory, or a copy with `mayfly.yaml` and `public`.", valueName: "directory"))
    var dir = "ca"

    @Option(help: ArgumentHelp("The root key; keys/root.pem of the directory by default.", valueName: "file"))
    var rootKey: String?

    @Option(help: ArgumentHelp("Its passphrase; as mayfly.yaml says by default.", valueName: "file"))
    var passphraseFile: String?

    var directory: CADirectory { CADirectory(path: dir) }

    /// Of the installation.
    var name: String {
        get throws { try Configuration(reading: directory).name }
    }

    var certificate: IssuerCertificate {
        get throws {
            let path = directory.publicFile(.root)
            guard let root = try? IssuerCertificate(pem: try Files.read(path)) else {
                throw ServerError.publicFileDamaged(path)
            }
            return root
        }
    }

    /// - Throws: also when it is not the key of the root certificate.
    var key: CAKey {
        get throws {
            let passphrase = try passphraseFile ?? directory.resolve(Configuration(reading: directory).passphraseFile)
            return try KeyFile.load(
                rootKey ?? directory.key(.root), passphrase: try Passphrase(readingFile: passphrase),
                expecting: try certificate.subjectPublicKeyInfo)
        }
    }
}
