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
    ///   - refreshTokens: nil where no provider is asked again about sessions.
    ///   - publisher: of revocation lists.
    ///   - root: of the workloads.
    ///   - plain: where lists, keys and certificates are also served without TLS; nil for nowhere.
    ///   - authorities: what `GET /v1/ca` published before any CA key was rotated.
    ///   - reloadPolicies: throws `PoliciesRefused`.
    ///   - onReady: is told the port once connections are accepted.
    package init(
        address: String, port: Int, authority: Authority, users: UserDirectory, providers: ProviderDirectory,
        refreshTokens: RefreshTokenVault?, log: LogReader, store: any Store, outbox: any Outbox,
        publisher: RevocationPublisher, root: RootAuthority, plain: (address: String, port: Int)?,
        authorities: Authorities, certificate: ServerCertificate, clock: any WallClock, limits: ServiceLimits,
        reloadPolicies: @escaping PolicyReload, logger: Logger, onReady: @escaping @Sendable (Int) -> Void,
        onPlainReady: @escaping @Sendable (Int) -> Void
    ) {
        let failures = FailedLogins(authority: authority, logger: logger)
        let uses = LastUses(store: store, limit: authority.ceilings.sessionIdle)
        let login = LocalLogin(users: users, serviceFingerprint: authority.serviceFingerprint)
        let providerLogin = ProviderLogin(providers: providers, users: users, vault: refreshTokens)
        let tokens = TokenAuthenticator(login: providerLogin, authority: authority, clock: clock, failures: failures)
        let authorities = PublishedAuthorities(first: authorities, keys: authority.keys)
        let publication = Publication(
            lists: publisher.lists, responder: StatusResponder(authority: authority), root: root,
            authorities: authorities)
        let authenticator = SessionAuthenticator(
            store: store, users: users, providers: providers, uses: uses, clock: clock)
        let endpoints =
            LoginRoutes(login: login, users: users, authority: authority, clock: clock, failures: failures).endpoints
            + SessionRoutes(authority: authority, uses: uses, clock: clock).endpoints
            + ProviderRoutes(login: providerLogin, authority: authority, clock: clock, failures: failures).endpoints
            + CertificateRoutes(authority: authority, clock: clock).endpoints
            + RevocationRoutes(authority: authority, publication: publication).endpoints
            + AuditRoutes(log: log).endpoints
            + CAKeyRoutes(authority: authority, root: root, clock: clock).endpoints
            + AccessRoutes(authority: authority, clock: clock).endpoints
            + HostRoutes(
                authenticator: HostAuthenticator(
                    store: store, hostCAs: { authority.hostCAs }, serviceFingerprint: authority.serviceFingerprint, clock: clock
                ),
                authority: authority, clock: clock, failures: failures
            ).endpoints
            + MachineRoutes(
                authenticator: MachineAuthenticator(store: store, machineCAs: { authority.machineCAs }, clock: clock),
                authority: authority, clock: clock, failures: failures
            ).endpoints
            + InformationRoutes(
                authorities: authorities, authority: authority, log: log, serverCertificate: certificate, outbox: outbox,
                providers: providers,
                clock: clock,
                reloadPolicies: reloadPolicies
            ).endpoints
        let dispatcher = Dispatcher(
            endpoints: endpoints, authenticator: authenticator, tokens: tokens, authority: authority, limits: limits,
            clock: clock)
        @Sendable func channel(_ responder: @escaping HTTPChannelHandler.Responder) -> HTTP1Channel {
            HTTP1Channel(
                responder: responder,
                configuration: .init(
                    additionalChannelHandlers: [RequestDeadline(limit: .seconds(limits.requestSeconds))],
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100)))
        }
        let trust = ClientTrust(service: authority.serviceCA, machines: { authority.machineCAs }, clock: clock)
        let server = HTTPServerBuilder { responder in
            MutualTLSChannel(base: channel(responder), identity: certificate.tls, trust: trust)
        }
        let application = Application(
            responder: dispatcher, server: server,
            configuration: .init(address: .hostname(address, port: port), serverName: "mayfly"),
            onServerRunning: { channel in onReady(channel.localAddress?.port ?? port) }, logger: logger)
        let lists = ListService(publisher: publisher, signal: authority.revocations, clock: clock, logger: logger)
        services =
            [application, certificate, failures, lists, SessionUseWriter(uses: uses, clock: clock, logger: logger)]
            + (plain.map { plain in
                [
                    Application(
                        responder: PublicationResponder(publication: publication, clock: clock),
                        server: HTTPServerBuilder { channel($0) },
                        configuration: .init(address: .hostname(plain.address, port: plain.port), serverName: "mayfly"),
                        onServerRunning: { channel in onPlainReady(channel.localAddress?.port ?? plain.port) },
                        logger: logger)
                ]
            } ?? [])
    }
}
