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
    /// By SSH CA key.
    private var serials: [String: RevokedSSHSerials] = [:]
    /// The SSH CA keys that the KRL speaks of, as they were then.
    private var listedKeys: [CAKeyRecord] = []
    /// By issuing CA.
    private var workloads: [String: RevokedX509Serials] = [:]
    private var listedIssuers: [CAKeyRecord] = []
    /// Whether something changed that no list says yet.
    private var keysAreStale = false
    private var certificatesAreStale = false
    /// What the shards that were published last say, by issuing CA.
    private var sharded: [String: [RevokedEntries]] = [:]
    /// The last full lists that were made because it was time, to which deltas refer.
    private var regular: (number: RevocationListNumber, entries: [String: RevokedEntries], madeAt: Date)?

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
        let keys = authority.keys.current
        try await readChanges(keys, at: now)
        let sshKeys = keys.records(of: .sshUser) + keys.records(of: .sshHost)
        if sshKeys != listedKeys { keysAreStale = true }
        let issuers = keys.records(of: .issuing)
        if issuers != listedIssuers { certificatesAreStale = true }
        let isRegular = regular.map { $0.madeAt.addingTimeInterval(regularInterval) <= now } ?? true
        if isRegular || keysAreStale {
            try await publishKeys(keys, at: now)
            listedKeys = sshKeys
            keysAreStale = false
        }
        lists.cover(upTo: lastEvent)
        if isRegular || certificatesAreStale {
            try await publishCertificates(keys.workloads, at: now, isRegular: isRegular)
            listedIssuers = issuers
            certificatesAreStale = false
        }
        return (regular?.madeAt ?? now).addingTimeInterval(regularInterval)
    }

    private func readChanges(_ keys: SigningKeys, at now: Date) async throws {
        let oldest = now.addingTimeInterval(-listedAfterExpiry - regularInterval)
        let changes = try await authority.store.revocationChanges(after: lastEvent, endingAfter: oldest)
        let sshIssuers = Set((keys.records(of: .sshUser) + keys.records(of: .sshHost)).map(\.fingerprint))
        for change in changes where sshIssuers.contains(change.issuer) {
            keysAreStale = try serials[change.issuer, default: RevokedSSHSerials()].apply(change) || keysAreStale
        }
        for issuer in keys.records(of: .issuing).map(\.fingerprint) {
            let certificates = changes.filter { $0.issuer == issuer }
            guard !certificates.isEmpty else { continue }
            try workloads[issuer, default: RevokedX509Serials()].apply(certificates)
            certificatesAreStale = true
        }
        if let last = changes.last { lastEvent = last.event }
    }

    /// A section for each key that signs or signed, and one with the keys that are revoked themselves: sshd refuses all
    /// their certificates, also those that nobody has on record.
    private func publishKeys(_ keys: SigningKeys, at now: Date) async throws {
        for issuer in serials.keys { serials[issuer]?.dropEnded(at: now) }
        let version = try await nextNumber(Authority.keyList, at: now)
        let list = try KeyRevocationList(
            version: version, generatedAt: UInt64(max(0, now.timeIntervalSince1970)),
            sections: sections(of: keys))
        lists.publish(
            RevokedKeys(
                version: version, krl: list.blob,
                signature: try await keys.users.active.signature(over: list),
                count: serials.values.reduce(0) { $0 + $1.count }, madeAt: now))
    }

    private func sections(of keys: SigningKeys) throws -> [KeyRevocationList.Section] {
        var sections: [KeyRevocationList.Section] = []
        for key in keys.users.keys + keys.hosts.keys {
            let revoked = serials[key.record.fingerprint]?.sorted ?? []
            guard key.record.state != .revoked, key.record.state == .active || !revoked.isEmpty else { continue }
            sections.append(.certificates(try CertificateRevocations(authority: key.publicKey, serials: revoked)))
        }
        let revoked = keys.users.revoked + keys.hosts.revoked
        if !revoked.isEmpty { sections.append(.keys(revoked.map(\.blob))) }
        return sections
    }

    private func publishCertificates(_ keys: WorkloadKeys, at now: Date, isRegular: Bool) async throws {
        if let regular, isRegular {
            for issuer in workloads.keys { try workloads[issuer]?.dropEnded(before: regular.madeAt) }
        }
        // One counter for all, from the time when there was one CA.
        let counter = "crl/" + (keys.keys.first?.record.fingerprint ?? "")
        let number = RevocationListNumber(try await nextNumber(counter, at: now))
        let previous = lists.certificates?.number
        let end = now.addingTimeInterval(Double(validity.components.seconds))
        var all: [CertificateLists.IssuerLists] = []
        for (name, authority, isPublished) in keys.listing {
            let entries = workloads[authority.issuer]?.entries ?? RevokedEntries()
            let nextUpdate = min(end, authority.certificate.notAfter)
            let full = try await authority.signedList(
                .full(number: number, after: previous, thisUpdate: now, nextUpdate: nextUpdate), entries)
            var delta: SignedRevocationList?
            if let regular, let before = regular.entries[authority.issuer] {
                delta = try await authority.signedList(
                    .delta(base: regular.number, number: number, after: previous, thisUpdate: now, nextUpdate: nextUpdate),
                    entries.changes(since: before))
            }
            let shards = try await self.shards(of: entries, named: name, by: authority, isRegular: isRegular) { address in
                try .full(number: number, after: previous, thisUpdate: now, nextUpdate: nextUpdate, distributionPoint: address)
            }
            all.append(.init(name: name, full: full, delta: delta, shards: shards, isInstalled: isPublished))
        }
        if isRegular {
            let issuers = keys.listing.map { $0.authority.issuer }
            regular = (
                number, Dictionary(uniqueKeysWithValues: issuers.map { ($0, workloads[$0]?.entries ?? RevokedEntries()) }), now
            )
        }
        lists.publish(
            CertificateLists(
                number: number, all: all, count: workloads.values.reduce(0) { $0 + $1.entries.count }, thisUpdate: now,
                nextUpdate: keys.listing.map { $0.authority.certificate.notAfter }.reduce(end, min)))
    }

    /// The parts of a list, each bound to its address, so that none passes for another. Those in which nothing changed stay as
    /// they are until the next regular list.
    private func shards(
        of entries: RevokedEntries, named name: String, by issuing: X509Authority, isRegular: Bool,
        _ profile: (String) throws -> RevocationListProfile
    ) async throws -> [SignedRevocationList] {
        let addresses = try authority.keys.status(name).shards
        guard !addresses.isEmpty else { return [] }
        let before = isRegular ? [] : lists.certificates?.all.first { $0.name == name }?.shards ?? []
        let said = sharded[issuing.issuer] ?? []
        let parts = ListShard.allCases.map { entries.shard($0) }
        var signed: [SignedRevocationList] = []
        for (index, part) in parts.enumerated() {
            if index < before.count, index < said.count, said[index] == part {
                signed.append(before[index])
            } else {
                signed.append(try await issuing.signedList(try profile(addresses[index].lists.first?.text ?? ""), part))
            }
        }
        sharded[issuing.issuer] = parts
        return signed
    }

    /// Above every number before, and never below the time, so that lists made after a restored backup are newer than those
    /// made before it.
    private func nextNumber(_ list: String, at now: Date) async throws -> UInt64 {
        try await authority.store.nextNumber(
            ofList: list, atLeast: UInt64(max(1, now.timeIntervalSince1970)), covering: lastEvent, at: now)
    }
}
