// SPDX-License-Identifier: Apache-2.0

import Authentication
import FoundationEssentials
import Issuance
import Logging
import Policies
import ServiceLifecycle
import UnixSignals

/// Takes policies and users live when their files change or SIGHUP arrives: a set that does not load whole, or whose
/// tests fail, leaves the old one in place, and log and status say so.
struct LiveFiles: Service, CustomStringConvertible {
    /// The service group prints its services; without this it would walk through keys and policies.
    var description: String { "live files" }

    let policiesPath: String
    let usersPath: String
    let users: UserDirectory
    let authority: Authority
    let logger: Logger

    /// How long after a change it is seen without SIGHUP.
    private static let interval = Duration.seconds(2)

    static func readUsers(_ path: String) throws -> LocalUsers {
        try LocalUsers(parsing: Array(try Files.read(path).utf8), file: path)
    }

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await reloadOnHangup() }
            group.addTask { await reloadOnChange() }
            await group.waitForAll()
        }
    }

    private func reloadOnHangup() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            await reload()
        }
    }

    private func reloadOnChange() async {
        var seen = fingerprint
        while (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }) != nil {
            let now = fingerprint
            guard now != seen else { continue }
            seen = now
            await reload()
        }
    }

    /// Names, sizes and times: what changes when an editor, git or a deployment replaces a file.
    private var fingerprint: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: policiesPath).sorted()) ?? []
        return (names.map { "\(policiesPath)/\($0)" } + [usersPath]).map { path in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            let time = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            return "\(path) \(attributes?[.size] ?? 0) \(time)"
        }
    }

    private func reload() async {
        do {
            users.replace(with: try Self.readUsers(usersPath))
        } catch {
            logger.error("user file refused, the old one stays", metadata: ["reason": "\(error)"])
        }
        do {
            try await authority.replacePolicies(with: try PolicyFiles.load(policiesPath))
            logger.info("policies live", metadata: ["policy.digest": "\(authority.policies.current.set.digest)"])
        } catch {
            logger.error("policies refused, the old set stays", metadata: ["reason": "\(error)"])
            do {
                try await authority.refusePolicies("\(error)")
            } catch {
                logger.error("the refusal could not be recorded", metadata: ["reason": "\(error)"])
            }
        }
    }
}
