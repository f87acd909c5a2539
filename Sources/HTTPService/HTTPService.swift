// SPDX-License-Identifier: Apache-2.0

package import Authentication
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Issuance
package import Logging
import NIOCore
package import Notifications
package import ServiceAPI
package import ServiceLifecycle

/// The signing service over HTTPS: the table of endpoints behind one dispatcher.
package struct HTTPService: Sendable {
    /// What runs beside each other until the process ends.
    package let services: [any Service]

    /// - Parameters:
    ///   - address: host or IP to listen on; port 0 takes any free one.
    ///   - authorities: what `GET /v1/ca` publishes.
    ///   - reloadPolicies: throws `PoliciesRefused`.
    ///   - onReady: is told the port once connections are accepted.
    package init(
        address: String, port: Int, authority: Authority, users: UserDirectory, log: LogReader, store: any Store,
        outbox: any Outbox,
        authorities: Authorities, certificate: ServerCertificate, clock: any WallClock, limits: ServiceLimits,
        reloadPolicies: @escaping PolicyReload, logger: Logger, onReady: @escaping @Sendable (Int) -> Void
    ) {
        let failures = FailedLogins(authority: authority, logger: logger)
        let login = LocalLogin(users: users, serviceFingerprint: authority.serviceFingerprint)
        let endpoints =
            LoginRoutes(login: login, users: users, authority: authority, clock: clock, failures: failures).endpoints
            + CertificateRoutes(authority: authority, clock: clock).endpoints
            + AuditRoutes(log: log).endpoints
            + InformationRoutes(
                authorities: authorities, authority: authority, log: log, serverCertificate: certificate, outbox: outbox,
                clock: clock,
                reloadPolicies: reloadPolicies
            ).endpoints
        let dispatcher = Dispatcher(
            endpoints: endpoints, authenticator: SessionAuthenticator(store: store, users: users, clock: clock),
            authority: authority, users: users, limits: limits, clock: clock)
        let server = HTTPServerBuilder { responder in
            MutualTLSChannel(
                base: HTTP1Channel(
                    responder: responder,
                    configuration: .init(
                        additionalChannelHandlers: [RequestDeadline(limit: .seconds(limits.requestSeconds))],
                        httpDecoderConfiguration: .init(
                            maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100))),
                identity: certificate.tls)
        }
        let application = Application(
            responder: dispatcher, server: server,
            configuration: .init(address: .hostname(address, port: port), serverName: "mayfly"),
            onServerRunning: { channel in onReady(channel.localAddress?.port ?? port) }, logger: logger)
        services = [application, certificate, failures]
    }
}
