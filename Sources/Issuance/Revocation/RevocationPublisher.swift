// SPDX-License-Identifier: Apache-2.0

import SSHCertificates
import X509Certificates

package import struct FoundationEssentials.Date

/// Keeps the lists of what is revoked as the store has it: reads what changed since it last looked, and publishes what that
/// makes new. X.509 lists are also made anew when nothing changed, long before they end: a list that has ended refuses
/// everybody.
package actor RevocationPublisher {
    package nonisolated let lists: PublishedLists
    private let authority: Authority
    private let validity: Duration

    private var lastEvent: Int64 = -1
    private var users = RevokedSSHSerials()
    private var hosts = RevokedSSHSerials()
    private var workloads = RevokedX509Serials()
    /// Whether something changed that no list says yet.
    private var keysAreStale = false
    private var certificatesAreStale = false
    /// What the shards that were published last say.
    private var sharded: [RevokedEntries] = []
    /// The last full list that was made because it was time, to which deltas refer.
    private var regular: (number: RevocationListNumber, entries: RevokedEntries, madeAt: Date)?

    /// How long a list of X.509 certificates may be believed: a server that cannot be reached for so long locks everybody out
    /// of what checks it.
    package static let validity = Duration.seconds(72 * 3600)
    /// Of its validity: when the next regular list is made.
    private static let regularFraction = 6

    package init(authority: Authority, validity: Duration = RevocationPublisher.validity) {
        self.authority = authority
        self.validity = validity
        lists = PublishedLists()
    }

    private var regularInterval: Double { Double(validity.components.seconds) / Double(Self.regularFraction) }

    /// Publishes what is new. INVARIANT: called by one task at a time.
    /// - Returns: when the next regular list is due.
    /// - Throws: when something could not be read or signed; what is not published stays to be published.
    package func publish() async throws -> Date {
        let now = authority.clock.wholeSeconds
        try await readChanges(at: now)
        let isRegular = regular.map { $0.madeAt.addingTimeInterval(regularInterval) <= now } ?? true
        if isRegular || keysAreStale {
            try await publishKeys(at: now)
            keysAreStale = false
        }
        if isRegular || certificatesAreStale {
            try await publishCertificates(at: now, isRegular: isRegular)
            certificatesAreStale = false
        }
        return (regular?.madeAt ?? now).addingTimeInterval(regularInterval)
    }

    private func readChanges(at now: Date) async throws {
        let oldest = now.addingTimeInterval(-listedAfterExpiry - regularInterval)
        let changes = try await authority.store.revocationChanges(after: lastEvent, endingAfter: oldest)
        for change in changes {
            if change.issuer == authority.users.issuer {
                keysAreStale = try users.apply(change) || keysAreStale
            } else if change.issuer == authority.hosts.issuer {
                keysAreStale = try hosts.apply(change) || keysAreStale
            }
        }
        let certificates = changes.filter { $0.issuer == authority.workloads.authority.issuer }
        if !certificates.isEmpty {
            try workloads.apply(certificates)
            certificatesAreStale = true
        }
        if let last = changes.last { lastEvent = last.event }
    }

    private func publishKeys(at now: Date) async throws {
        users.dropEnded(at: now)
        hosts.dropEnded(at: now)
        let version = try await nextNumber("krl", at: now)
        let list = try KeyRevocationList(
            version: version, generatedAt: UInt64(max(0, now.timeIntervalSince1970)),
            sections: [
                .certificates(CertificateRevocations(authority: authority.users.publicKey, serials: users.sorted)),
                .certificates(CertificateRevocations(authority: authority.hosts.publicKey, serials: hosts.sorted)),
            ])
        lists.publish(
            RevokedKeys(
                version: version, krl: list.blob,
                signature: try await authority.users.signature(over: list),
                count: users.count + hosts.count, madeAt: now))
    }

    private func publishCertificates(at now: Date, isRegular: Bool) async throws {
        let authority = authority.workloads.authority
        if let regular, isRegular { try workloads.dropEnded(before: regular.madeAt) }
        let entries = workloads.entries
        let nextUpdate = min(
            now.addingTimeInterval(Double(validity.components.seconds)), authority.certificate.notAfter)
        let number = RevocationListNumber(try await nextNumber("crl/\(authority.issuer)", at: now))
        let previous = lists.certificates?.number
        let full = try await authority.signedList(
            .full(number: number, after: previous, thisUpdate: now, nextUpdate: nextUpdate), entries)
        var delta: SignedRevocationList?
        if let regular {
            delta = try await authority.signedList(
                .delta(
                    base: regular.number, number: number, after: previous, thisUpdate: now, nextUpdate: nextUpdate),
                entries.changes(since: regular.entries))
        }
        let shards = try await self.shards(of: entries, isRegular: isRegular) { address in
            try .full(number: number, after: previous, thisUpdate: now, nextUpdate: nextUpdate, distributionPoint: address)
        }
        if isRegular { regular = (number, entries, now) }
        lists.publish(
            CertificateLists(
                number: number, full: full, delta: delta, shards: shards, count: entries.count, thisUpdate: now,
                nextUpdate: nextUpdate))
    }

    /// The parts of a list, each bound to its address, so that none passes for another. Those in which nothing changed stay as
    /// they are until the next regular list.
    private func shards(
        of entries: RevokedEntries, isRegular: Bool, _ profile: (String) throws -> RevocationListProfile
    ) async throws -> [SignedRevocationList] {
        let workloads = authority.workloads
        guard !workloads.shards.isEmpty else { return [] }
        let before = isRegular ? [] : lists.certificates?.shards ?? []
        let parts = ListShard.allCases.map { entries.shard($0) }
        var signed: [SignedRevocationList] = []
        for (index, part) in parts.enumerated() {
            if index < before.count, index < sharded.count, sharded[index] == part {
                signed.append(before[index])
            } else {
                let address = workloads.shards[index].lists.first?.text ?? ""
                signed.append(try await workloads.authority.signedList(try profile(address), part))
            }
        }
        sharded = parts
        return signed
    }

    /// Above every number before, and never below the time, so that lists made after a restored backup are newer than those
    /// made before it.
    private func nextNumber(_ list: String, at now: Date) async throws -> UInt64 {
        try await authority.store.nextNumber(ofList: list, atLeast: UInt64(max(1, now.timeIntervalSince1970)))
    }
}
