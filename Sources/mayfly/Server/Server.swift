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
                connection: connection),
            groups: try settings.groupsFile.map {
                ProviderGroupDirectory(try LiveFiles.readGroups(directory.resolve($0), of: declaration))
            })
    }

    private func run(providers: ProviderDirectory) async throws {
        let clock = SystemClock()
        let usersPath = directory.resolve(configuration.users)
        let declarations = configuration.providers.map(\.declaration)
        let users = UserDirectory(try LiveFiles.readUsers(usersPath, beside: declarations))
        let keys = try CAKeys(directory, passphraseFile: configuration.passphraseFile)
        let receivers = try configuration.receivers.map { try $0.loaded(from: directory) }
        // Missing as long as nobody needs it: who asks no provider again has nothing to lose.
        let refreshTokens =
            declarations.contains { $0.people?.recheck != nil }
            ? RefreshTokenVault(key: try SymmetricKeyFile.readOrCreate(directory.refreshTokenKey)) : nil
        let store = try await openStore()
        let strays = try await SessionRecheck.forgetStrays(of: declarations, in: store)
        if strays > 0 {
            logger.warning(
                "refresh tokens were forgotten whose identity providers are not asked again any more",
                metadata: ["count": "\(strays)"])
        }
        let earlier = allowsOlderPolicies ? nil : try await store.livePolicy()?.source?.commit
        let loaded = try await policies.load(after: earlier)

        let vault = FileKeyVault(directory: directory, configuration: configuration, logger: logger)
        let authority = Authority(
            policies: PolicyHolder(loaded.set, from: loaded.commit, loadedAt: clock.now),
            keys: try await KeyRing(
                in: store, vault: vault,
                firstIssuing: { try keys.firstIssuing(signer: vault.firstKey(for: .issuing)) },
                status: { [publish = configuration.publish] in try publish?.status(list: $0) ?? .none }, now: clock.now),
            vault: vault,
            service: ServiceAuthority(try keys.authority(.service, .service)), store: store, clock: clock,
            ceilings: configuration.ceilings, directory: PeopleDirectory(users: users, providers: providers),
            announcements: Announcements(
                subscriptions: receivers.map(\.subscription), address: configuration.address))
        try await authority.recordPolicyLoad()
        let certificate = try await ServerCertificate(
            hosts: configuration.hosts, authority: authority, clock: clock, logger: logger)
        let root = RootAuthority(certificate: try keys.root(), list: try keys.rootList())
        let groupFiles = configuration.providers.compactMap { settings in
            settings.groupsFile.flatMap { file in
                providers[settings.declaration.name].map { (path: directory.resolve(file), provider: $0) }
            }
        }
        let live = LiveFiles(
            source: policies, usersPath: usersPath, users: users, groupFiles: groupFiles, providers: declarations,
            authority: authority, rootListPath: directory.publicFile(.rootList),
            refreshRootList: { if let list = try keys.rootList() { try await authority.publish(list, of: root) } },
            logger: logger)
        let http = HTTPService(
            address: configuration.listen.host, port: configuration.listen.port, authority: authority, users: users,
            providers: providers, refreshTokens: refreshTokens,
            log: try LogReader(name: configuration.name, signer: keys[.log], store: store), store: store, outbox: store,
            publisher: RevocationPublisher(authority: authority), root: root,
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
                        live, ProviderWatch(providers: providers, clock: clock, logger: logger), courier,
                        Deadlines(authority: authority, outbox: store, clock: clock, logger: logger),
                        Pruning(store: store, clock: clock, logger: logger),
                    ]
                        + (refreshTokens.map { vault in
                            [
                                SessionRechecks(
                                    recheck: SessionRecheck(
                                        providers: providers, vault: vault, authority: authority, store: store,
                                        clock: clock), logger: logger)
                            ]
                        } ?? []),
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
