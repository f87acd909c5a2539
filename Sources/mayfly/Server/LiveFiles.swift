// SPDX-License-Identifier: Apache-2.0
import AuditLog
import Authentication
import FoundationEssentials
import HTTPService
import Issuance
import Logging
import Policies
import ServiceLifecycle
import UnixSignals

/// Takes policies, users, the groups of providers' people and the root's revocation list live when their files change, SIGHUP
/// arrives or an administrator asks: a set that does not load whole, whose tests fail, or under which nobody could administer
/// any more, leaves the old one in place, and log and status say so.
///
/// INVARIANT: one reload at a time, in the order asked for, so that what was read last is what is live.
struct LiveFiles: Service, CustomStringConvertible {
    /// The service group prints its services; without this it would walk through keys and policies.
    var description: String { "live files" }

    private let source: PolicySource
    private let usersPath: String
    private let users: UserDirectory
    private let groupFiles: [(path: String, provider: ProviderDirectory.Entry)]
    private let providers: [ProviderDeclaration]
    private let authority: Authority
    private let rootListPath: String
    private let refreshRootList: @Sendable () async throws -> Void
    private let logger: Logger
    private let requests: AsyncStream<Request>
    private let queue: AsyncStream<Request>.Continuation

    /// How long after a change it is seen without SIGHUP.
    private static let interval = Duration.seconds(2)

    private struct Request: Sendable {
        var allowsOlder = false
        /// Is told how it went.
        var ended: CheckedContinuation<Void, any Error>?
    }

    init(
        source: PolicySource, usersPath: String, users: UserDirectory,
        groupFiles: [(path: String, provider: ProviderDirectory.Entry)], providers: [ProviderDeclaration],
        authority: Authority, rootListPath: String, refreshRootList: @escaping @Sendable () async throws -> Void,
        logger: Logger
    ) {
        self.source = source
        self.usersPath = usersPath
        self.users = users
        self.groupFiles = groupFiles
        self.providers = providers
        self.authority = authority
        self.rootListPath = rootListPath
        self.refreshRootList = refreshRootList
        self.logger = logger
        (requests, queue) = AsyncStream.makeStream()
    }

    /// - Throws: also where an identity provider asserts the same users or groups.
    static func readUsers(_ path: String, beside providers: [ProviderDeclaration]) throws -> LocalUsers {
        let users = try LocalUsers(parsing: Array(try Files.read(path).utf8), file: path)
        let overlaps = ProviderOverlap.of(providers, with: users)
        guard overlaps.isEmpty else { throw ServerError.namesOverlap(overlaps.map(\.description)) }
        return users
    }

    static func readGroups(_ path: String, of provider: ProviderDeclaration) throws -> ProviderGroups {
        try ProviderGroups(parsing: Array(try Files.read(path).utf8), file: path, of: provider)
    }

    /// Reads everything again, because somebody asked.
    /// - Parameter allowingOlder: also a commit that does not come after the one that is live.
    /// - Throws: `PoliciesRefused` with the reason; then the old set is still live.
    func reload(allowingOlder: Bool) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let request = Request(allowsOlder: allowingOlder, ended: continuation)
            if case .terminated = queue.yield(request) { continuation.resume(throwing: CancellationError()) }
        }
    }

    func run() async throws {
        warnOfStrangers()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await withTaskGroup(of: Void.self) { watchers in
                    watchers.addTask { await watchSignals() }
                    watchers.addTask { await watchFiles() }
                }
                queue.finish()
            }
            group.addTask { for await request in requests { await serve(request) } }
        }
    }

    /// Whoever can have a token of a public CI system is everyone.
    private func warnOfStrangers() {
        let rules = authority.policies.current.set.allowsForEveryone
        let open = providers.filter { $0.workload?.requirements.isEmpty == true }.map(\.name)
        guard !rules.isEmpty, !open.isEmpty else { return }
        logger.warning(
            "rules for everyone let in any workload of identity providers without `require`",
            metadata: ["rules": .string(rules.joined(separator: " ")), "providers": .string(open.joined(separator: " "))])
    }

    private func watchSignals() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { queue.yield(Request()) }
    }

    private func watchFiles() async {
        var seen = fingerprint
        while (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }) != nil {
            let now = fingerprint
            guard now != seen else { continue }
            seen = now
            queue.yield(Request())
        }
    }

    private var fingerprint: [String] {
        source.fingerprint + ([usersPath, rootListPath] + groupFiles.map(\.path)).map(Files.fingerprint)
    }

    private func serve(_ request: Request) async {
        do {
            users.replace(with: try Self.readUsers(usersPath, beside: providers))
        } catch {
            logger.error("user file refused, the old one stays", metadata: ["reason": "\(error)"])
        }
        for file in groupFiles {
            do {
                file.provider.groups?.replace(with: try Self.readGroups(file.path, of: file.provider.declaration))
            } catch {
                logger.error("group file refused, the old one stays", metadata: ["reason": "\(error)"])
            }
        }
        do {
            try await refreshRootList()
        } catch {
            logger.error("revocation list of the root refused, the old one stays", metadata: ["reason": "\(error)"])
        }
        do {
            let live = authority.policies.current
            let loaded = try await source.load(after: request.allowsOlder ? nil : live.source?.commit)
            try checkAdministration(loaded.set, instead: live.set)
            try await authority.replacePolicies(with: loaded.set, from: loaded.commit)
            logger.info("policies live", metadata: ["policy.digest": "\(loaded.set.digest)"])
            warnOfStrangers()
            request.ended?.resume()
        } catch {
            logger.error("policies refused, the old set stays", metadata: ["reason": "\(error)"])
            do {
                try await authority.refusePolicies("\(error)")
            } catch {
                logger.error("the refusal could not be recorded", metadata: ["reason": "\(error)"])
            }
            request.ended?.resume(throwing: PoliciesRefused(reason: "\(error)", hint: (error as? PolicyFilesError)?.hint))
        }
    }

    /// Whoever edits policies must not lock everybody out: a capability that some local user can have under the live set
    /// must be within some local user's reach under the next.
    private func checkAdministration(_ next: PolicySet, instead live: PolicySet) throws {
        let now = Date()
        let people = users.everyone.flatMap { user in
            (user.hasSecurityKey ? [true, false] : [false]).map {
                users.identity(of: user, authenticatedAt: now, hasSecondFactor: $0, address: nil)
            }
        }
        func reachable(_ capability: Capability, _ set: PolicySet) -> Bool {
            people.contains { set.mayEverHave(capability, $0, at: now) }
        }
        let lost = Capability.allCases.filter { reachable($0, live) && !reachable($0, next) }
        guard lost.isEmpty else { throw PolicyFilesError.nobodyAdministers(lost.map(\.rawValue)) }
    }
}
