// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Authentication
import FoundationEssentials
import HTTPService
import Issuance
import Keys
import Logging
import NotificationDelivery
import Notifications
import OpenIDConnect
import Policies
import ServiceLifecycle
import Storage
import UnixSignals
import X509Certificates

/// The composition root: reads what `init` wrote, puts the parts together, and runs them until a signal.
struct Server {
    let directory: CADirectory
    let configuration: Configuration
    let policies: PolicySource
    /// Start also with a commit of the policies that does not come after the one that was live last.
    let allowsOlderPolicies: Bool
    let logger: Logger

    /// Returns when the service was asked to stop and has answered what it had begun.
    func run() async throws {
        try await ProviderTransport.opened { transport in
            try await run(providers: ProviderDirectory(configuration.providers.map { try provider($0, transport) }))
        }
    }

    /// Nothing is asked of it yet: a provider that is down keeps nobody else from working.
    private func provider(
        _ settings: ProviderSettings, _ transport: ProviderTransport
    ) throws -> ProviderDirectory.Entry {
        let secret = try settings.clientSecretFile.map { try SecretText.read(directory.resolve($0)) }
        let authorities = try settings.authoritiesFile.map { try Files.read(directory.resolve($0)) }
        let connection: ProviderConnection
        do {
            connection = try transport.connection(authorities: authorities)
        } catch {
            throw ServerError.authoritiesUnusable(settings.authoritiesFile ?? "")
        }
        let declaration = settings.declaration
        return ProviderDirectory.Entry(
            declaration: declaration,
            provider: OpenIDProvider(
                issuer: declaration.issuer, client: .init(id: declaration.people?.clientID ?? "", secret: secret),
                connection: connection))
    }

    private func run(providers: ProviderDirectory) async throws {
        let clock = SystemClock()
        let usersPath = directory.resolve(configuration.users)
        let declarations = configuration.providers.map(\.declaration)
        let users = UserDirectory(try LiveFiles.readUsers(usersPath, beside: declarations))
        let keys = try CAKeys(directory, passphraseFile: configuration.passphraseFile)
        let receivers = try configuration.receivers.map { try $0.loaded(from: directory) }
        let store = try await openStore()
        let earlier = allowsOlderPolicies ? nil : try await store.livePolicy()?.source?.commit
        let loaded = try await policies.load(after: earlier)

        let vault = FileKeyVault(directory: directory, configuration: configuration, logger: logger)
        let authority = Authority(
            policies: PolicyHolder(loaded.set, from: loaded.commit, loadedAt: clock.now),
            keys: try await KeyRing(
                in: store, vault: vault,
                workloads: WorkloadAuthority(
                    try keys.authority(.issuing, .issuing), status: try configuration.publish?.status() ?? .unstated)),
            vault: vault,
            service: ServiceAuthority(try keys.authority(.service, .service)), store: store, clock: clock,
            ceilings: configuration.ceilings, directory: PeopleDirectory(users: users, providers: providers),
            announcements: Announcements(
                subscriptions: receivers.map(\.subscription), address: configuration.address))
        try await authority.recordPolicyLoad()
        let certificate = try await ServerCertificate(
            hosts: configuration.hosts, authority: authority, clock: clock, logger: logger)
        let live = LiveFiles(
            source: policies, usersPath: usersPath, users: users, providers: declarations, authority: authority, logger: logger)
        let http = HTTPService(
            address: configuration.listen.host, port: configuration.listen.port, authority: authority, users: users,
            providers: providers, log: try LogReader(name: configuration.name, signer: keys[.log], store: store), store: store,
            outbox: store, publisher: RevocationPublisher(authority: authority), root: try keys.root(),
            rootList: try keys.rootList(),
            plain: configuration.publish.map { ($0.listen.host, $0.listen.port) },
            authorities: try CAKeys.publicFiles(of: directory, name: configuration.name), certificate: certificate,
            clock: clock,
            limits: ServiceLimits(
                maximumBodyBytes: ServiceLimits.standard.maximumBodyBytes, requestSeconds: configuration.requestSeconds),
            reloadPolicies: live.reload, logger: logger,
            onReady: { port in announce(port, fingerprint: authority.serviceFingerprint) },
            onPlainReady: { port in
                Console.note("publishing http://\(configuration.publish?.listen.host ?? ""):\(port)")
            })
        let courier = Courier(
            outbox: store, lanes: Dictionary(receivers.map { ($0.name, $0.transport) }) { first, _ in first }, clock: clock,
            logger: logger)
        do {
            try await ServiceGroup(
                configuration: .init(
                    services: http.services + [
                        live, courier, Deadlines(authority: authority, outbox: store, clock: clock, logger: logger),
                        Pruning(store: store, clock: clock, logger: logger),
                    ],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            ).run()
        } catch {
            throw ServerError(listening: error, on: configuration.listen) ?? error
        }
    }

    private func openStore() async throws -> SQLStore {
        do {
            return try await SQLStore.sqlite(path: directory.database)
        } catch let error as StorageError {
            throw error
        } catch {
            throw ServerError.databaseUnusable(directory.database, "\(error)")
        }
    }

    /// What to type next, for the person who started it.
    private func announce(_ port: Int, fingerprint: String) {
        let host = configuration.hosts.first ?? configuration.listen.host
        let url = "https://\(host):\(port)"
        Console.note("service CA \(fingerprint)")
        Console.note("log in with `mayfly login \(url) --fingerprint \(fingerprint)`")
        Console.note("serving \(url)")
    }
}
