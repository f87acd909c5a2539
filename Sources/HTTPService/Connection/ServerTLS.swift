// SPDX-License-Identifier: Apache-2.0

import NIOSSL
import Synchronization

/// The TLS side of the service: TLS 1.3 with the newest server certificate. Which client certificates it takes, `ClientTrust`
/// says.
package final class ServerTLS: Sendable {
    private let active: Mutex<NIOSSLContext>

    package init(chain: [String], privateKey: String, clientCA: String) throws {
        active = Mutex(try Self.makeContext(chain: chain, privateKey: privateKey, clientCA: clientCA))
    }

    /// Connections from now on are greeted with this certificate; those that are open keep theirs.
    /// - Parameters:
    ///   - chain: PEM of the server certificate and of the service CA, which clients pin.
    ///   - privateKey: PEM, made for this certificate and never stored.
    ///   - clientCA: PEM of the service CA.
    package func replace(chain: [String], privateKey: String, clientCA: String) throws {
        let context = try Self.makeContext(chain: chain, privateKey: privateKey, clientCA: clientCA)
        active.withLock { $0 = context }
    }

    var context: NIOSSLContext { active.withLock { $0 } }

    private static func makeContext(chain: [String], privateKey: String, clientCA: String) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try chain.map { .certificate(try NIOSSLCertificate(bytes: Array($0.utf8), format: .pem)) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv13
        configuration.applicationProtocols = ["http/1.1"]
        // A client without certificate is nobody; one with a certificate of another CA does not get through the handshake.
        configuration.certificateVerification = .optionalVerification
        // Whatever keys machines have. BoringSSL leaves Ed25519 out, and lets SHA-1 in.
        configuration.verifySignatureAlgorithms = [
            .ecdsaSecp256R1Sha256, .ecdsaSecp384R1Sha384, .ecdsaSecp521R1Sha512, .ed25519, .rsaPssRsaeSha256, .rsaPssRsaeSha384,
            .rsaPssRsaeSha512,
        ]
        // Never asked, for `ClientTrust` is; without it BoringSSL would load those of the system.
        configuration.trustRoots = .certificates([try NIOSSLCertificate(bytes: Array(clientCA.utf8), format: .pem)])
        return try NIOSSLContext(configuration: configuration)
    }
}
