// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Authentication
import FoundationEssentials
import HTTPService
import Issuance
import Logging
import NotificationDelivery
import Notifications
import Policies
import ServiceLifecycle
import Storage
import UnixSignals

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
        let clock = SystemClock()
        let usersPath = directory.resolve(configuration.users)
        let users = UserDirectory(try LiveFiles.readUsers(usersPath))
        let keys = try CAKeys(directory, passphraseFile: configuration.passphraseFile)
        let receivers = try configuration.receivers.map { try $0.loaded(from: directory) }
        let store = try await openStore()
        let earlier = allowsOlderPolicies ? nil : try await store.livePolicy()?.source?.commit
        let loaded = try await policies.load(after: earlier)

        let authority = Authority(
            policies: PolicyHolder(loaded.set, from: loaded.commit, loadedAt: clock.now),
            users: try SSHAuthority(signer: keys[.sshUser], store: store),
            hosts: try SSHAuthority(signer: keys[.sshHost], store: store),
            workloads: WorkloadAuthority(try keys.authority(.issuing, .issuing)),
            service: ServiceAuthority(try keys.authority(.service, .service)), store: store, clock: clock,
            ceilings: configuration.ceilings)
        try await authority.recordPolicyLoad()
        let certificate = try await ServerCertificate(
            hosts: configuration.hosts, authority: authority, clock: clock, logger: logger)
        let live = LiveFiles(source: policies, usersPath: usersPath, users: users, authority: authority, logger: logger)
        let http = HTTPService(
            address: configuration.listen.host, port: configuration.listen.port, authority: authority, users: users,
            log: try LogReader(name: configuration.name, signer: keys[.log], store: store), store: store,
            outbox: store,
            authorities: try keys.authorities(name: configuration.name), certificate: certificate, clock: clock,
            limits: ServiceLimits(
                maximumBodyBytes: ServiceLimits.standard.maximumBodyBytes, requestSeconds: configuration.requestSeconds),
            reloadPolicies: live.reload, logger: logger,
            onReady: { port in announce(port, fingerprint: authority.serviceFingerprint) })
        let courier = Courier(
            outbox: store, lanes: Dictionary(receivers.map { ($0.name, $0.transport) }) { first, _ in first }, clock: clock,
            logger: logger)
        do {
            try await ServiceGroup(
                configuration: .init(
                    services: http.services + [live, courier, Pruning(store: store, clock: clock, logger: logger)],
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
