// SPDX-License-Identifier: Apache-2.0

import Issuance

/// Where the files of a CA lie (design of `ca/`): the configuration, private keys, public keys, users and the database.
struct CADirectory {
    let path: String

    var configuration: String { path + "/mayfly.yaml" }
    var keys: String { path + "/keys" }
    var publicFiles: String { path + "/public" }
    var state: String { path + "/state" }
    var database: String { state + "/mayfly.sqlite" }

    /// What refresh tokens of identity providers are encrypted with; made when there is one to encrypt.
    var refreshTokenKey: String { keys + "/refresh_tokens.key" }

    /// One file for each key of the CA.
    enum Key: String, CaseIterable {
        case root, issuing, service
        case sshUser = "ssh_user"
        case sshHost = "ssh_host"
        case log
    }

    func key(_ key: Key) -> String { "\(keys)/\(key.rawValue).pem" }

    /// Of a key that came later.
    /// - Parameter digest: of its public key.
    func key(_ key: Key, digest: some Sequence<UInt8>) -> String {
        "\(keys)/\(key.rawValue)-\(digest.hexadecimal).pem"
    }

    enum PublicFile: String, CaseIterable {
        case root = "root.pem"
        /// The revocation list of the root, in PEM. May be missing: it was not made by the first versions.
        case rootList = "root.crl"
        case issuing = "issuing.pem"
        case service = "service.pem"
        case sshUserCA = "ssh_user_ca.pub"
        case sshHostCA = "ssh_host_ca.pub"
        case log = "log.pub"
    }

    func publicFile(_ file: PublicFile) -> String { "\(publicFiles)/\(file.rawValue)" }

    /// A path of the configuration, which is relative to this directory.
    func resolve(_ configured: String) -> String {
        configured.hasPrefix("/") ? configured : "\(path)/\(configured)"
    }

    var isInitialized: Bool { Files.exists(publicFile(.service)) }
}
