// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// How far a revocation list has come.
package struct ListEnforcement: Sendable {
    package struct StaleHost: Sendable {
        package let name: String
        /// Of the list it enforces; nil for none.
        package let version: UInt64?
        package let reportedAt: Date?
    }

    package let list: ListVersion
    /// SSH certificates that the list before did not name.
    package let certificates: Int
    package let hosts: Int
    package let enforcing: Int
    /// By name.
    package let stale: [StaleHost]
    /// Hosts that look at open sessions, and those of them that did by this list.
    package let watching: Int
    package let checked: Int
    /// Where a host is stale: when the last of the certificates ends by itself.
    package let exposedUntil: Date?
}

extension Authority {
    package static let keyList = "krl"

    /// How far the newest revocation lists have come, newest first, by what the hosts say.
    /// - Parameter version: only this one; nil for the newest few.
    package func enforcement(of version: UInt64?) async throws -> [ListEnforcement] {
        let limit = version == nil ? Self.mostVersions : 1
        // One more, because a list names what the one before did not.
        let versions = try await store.listVersions(of: Self.keyList, upTo: version, limit: limit + 1)
        guard version == nil || versions.first?.number == version else { return [] }
        let hosts = try await allHosts()
        var found: [ListEnforcement] = []
        for (index, list) in versions.prefix(limit).enumerated() {
            let before = index + 1 < versions.count ? versions[index + 1].event : -1
            found.append(try await enforcement(of: list, after: before, by: hosts))
        }
        return found
    }

    /// Sessions of certificates that were revoked after one list and up to another, and those of which nothing is proven.
    package func sessions(revokedAfter before: UInt64, upTo version: UInt64) async throws -> [HostSession] {
        guard let last = try await store.listVersions(of: Self.keyList, upTo: version, limit: 1).first else { return [] }
        let first = try await store.listVersions(of: Self.keyList, upTo: before, limit: 1).first?.event ?? -1
        var filter = HostSessionFilter(limit: Self.mostSessions)
        filter.revokedBy = min(first, last.event) + 1..<last.event + 1
        return try await store.hostSessions(matching: filter)
    }

    private static let mostVersions = 20
    private static let mostSessions = 500
    private static let pageSize = 500

    private func allHosts() async throws -> [HostRecord] {
        var hosts: [HostRecord] = []
        var page: [HostRecord]
        repeat {
            page = try await store.hosts(after: hosts.last?.name, limit: Self.pageSize)
            hosts += page
        } while page.count == Self.pageSize
        return hosts
    }

    private func enforcement(
        of list: ListVersion, after before: Int64, by hosts: [HostRecord]
    ) async throws -> ListEnforcement {
        let stale = hosts.filter { ($0.report?.revocationListVersion ?? 0) < list.number }
        var revoked: (count: Int, lastExpiry: Date?) = (0, nil)
        if before < list.event { revoked = try await store.revokedSSHCertificates(by: before + 1...list.event) }
        let watching = hosts.compactMap(\.report?.sessionsListVersion)
        return ListEnforcement(
            list: list, certificates: revoked.count, hosts: hosts.count, enforcing: hosts.count - stale.count,
            stale: stale.map {
                .init(name: $0.name, version: $0.report?.revocationListVersion, reportedAt: $0.report?.time)
            }, watching: watching.count, checked: watching.count { $0 >= list.number },
            exposedUntil: stale.isEmpty ? nil : revoked.lastExpiry)
    }
}
