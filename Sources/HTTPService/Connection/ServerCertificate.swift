// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Issuance
package import Logging
import ServiceLifecycle
import Synchronization
import X509Certificates

package import struct FoundationEssentials.Date

/// The server's certificate, which mayfly issues to itself: a fresh key at every start and at two thirds of each
/// certificate's life. The key never touches a disk.
package final class ServerCertificate: Service, Sendable {
    package let tls: ServerTLS
    private let names: SubjectNames
    private let authority: Authority
    private let clock: any WallClock
    private let logger: Logger
    private let expiry: Mutex<Date>

    private static let lifetime = Duration.seconds(24 * 3600)

    /// - Parameter hosts: DNS names and addresses clients use for the service.
    package init(hosts: [String], authority: Authority, clock: any WallClock, logger: Logger) async throws {
        names = try SubjectNames(hosts: hosts)
        self.authority = authority
        self.clock = clock
        self.logger = logger
        let made = try await Self.make(names, authority)
        tls = try ServerTLS(chain: made.chain, privateKey: made.privateKey, clientCA: authority.serviceCertificate)
        expiry = Mutex(made.expires)
    }

    package var expiresAt: Date { expiry.withLock { $0 } }

    package func run() async throws {
        while (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: self.untilRenewal) }) != nil {
            do {
                let made = try await Self.make(names, authority)
                try tls.replace(chain: made.chain, privateKey: made.privateKey, clientCA: authority.serviceCertificate)
                expiry.withLock { $0 = made.expires }
                logger.info("server certificate renewed")
            } catch {
                logger.error("server certificate not renewed", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Two thirds of a life after issuance; after a failure, a minute at least.
    private var untilRenewal: Duration {
        .seconds(max(60, expiresAt.timeIntervalSince(clock.now) - Double(Self.lifetime.components.seconds) / 3))
    }

    private static func make(
        _ names: SubjectNames, _ authority: Authority
    ) async throws -> (chain: [String], privateKey: String, expires: Date) {
        let key = P256.Signing.PrivateKey()
        let issued = try await authority.serverCertificate(
            names: names, publicKey: try SubjectPublicKey(subjectPublicKeyInfo: Array(key.publicKey.derRepresentation)),
            lifetime: lifetime)
        return ([issued.pem, authority.serviceCertificate], key.pemRepresentation, issued.record.validBefore)
    }
}
