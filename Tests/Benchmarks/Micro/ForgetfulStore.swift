// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Issuance
import Policies
import Synchronization

import struct FoundationEssentials.Date

/// Knows nobody besides whoever asks.
struct EmptyDirectory: PersonDirectory {
    let people: [Identity] = []

    func standing(provider: String, user: String) -> PersonStanding { .gone }
    func current(_ identity: Identity) -> Identity? { nil }
}

/// Commits everything at once and keeps nothing: what issuing costs without a database.
final class ForgetfulStore: Store {
    private let serials = Mutex<UInt64>(1)
    private let numbers = Mutex<UInt64>(0)
    private let changes: Mutex<[RevocationChange]>
    private let commits: @Sendable ([CommitEntry]) throws -> Void

    /// - Parameters:
    ///   - changes: what was revoked, in the order of the log.
    ///   - commits: is told what is committed.
    init(
        revoked changes: [RevocationChange] = [], commits: @escaping @Sendable ([CommitEntry]) throws -> Void = { _ in }
    ) {
        self.changes = Mutex(changes)
        self.commits = commits
    }

    func revoke(_ change: RevocationChange) { changes.withLock { $0.append(change) } }

    func commit(_ entries: [CommitEntry]) async throws -> [CommitOutcome] {
        try commits(entries)
        return entries.map { _ in .committed(index: 0) }
    }

    func allotSerials(_ count: UInt64, issuer: String) async throws -> Range<UInt64> {
        serials.withLock { next in
            defer { next += count }
            return next..<(next + count)
        }
    }

    func nextNumber(
        ofList list: String, atLeast floor: UInt64, covering event: Int64, at time: Date
    ) async throws -> UInt64 {
        numbers.withLock { last in
            last = max(last + 1, floor)
            return last
        }
    }

    func listVersions(of list: String, upTo number: UInt64?, limit: Int) async throws -> [ListVersion] { [] }

    func revokedSSHCertificates(by events: ClosedRange<Int64>) async throws -> (count: Int, lastExpiry: Date?) { (0, nil) }

    func revocationChanges(after event: Int64, endingAfter time: Date) async throws -> [RevocationChange] {
        changes.withLock { all in Array(all.drop { $0.event <= event }) }
    }

    func session(serial: String) async throws -> SessionRecord? { nil }
    func openSessions(matching filter: SessionFilter) async throws -> [SessionRecord] { [] }
    func knownPeople(named user: String?, at time: Date) async throws -> [KnownPerson] { [] }
    func lastUse(ofSession serial: String) async throws -> LastUse? { nil }
    func record(_ uses: [LastUse]) async throws {}
    func certificate(issuer: String, serial: String) async throws -> CertificateRecord? { nil }
    func certificates(matching filter: CertificateFilter) async throws -> [CertificateRecord] { [] }
    func countActiveCertificates(at time: Date) async throws -> Int { 0 }
    func isUsed(challenge nonce: String) async throws -> Bool { false }
    func remember(_ login: EndedLogin, usingUp: Bool) async throws -> Bool { true }
    func reply(to key: IdempotencyKey, of identity: String) async throws -> RecordedReply? { nil }
    func accessRecord(id: String) async throws -> AccessRecord? { nil }
    func accessRecords(matching filter: AccessFilter) async throws -> [AccessRecord] { [] }
    func enrolmentToken(digest: [UInt8]) async throws -> EnrolmentToken? { nil }
    func enrolmentToken(id: String) async throws -> EnrolmentToken? { nil }
    func openEnrolmentTokens(at time: Date, after id: String?, limit: Int) async throws -> [EnrolmentToken] { [] }
    func machines(after enrolment: String?, endingAfter time: Date, limit: Int) async throws -> [MachineRecord] { [] }
    func host(named name: String) async throws -> HostRecord? { nil }
    func hosts(after name: String?, limit: Int) async throws -> [HostRecord] { [] }
    func record(
        _ report: HostReport, _ sessions: [HostSession], ofHost name: String, publicKey: String
    ) async throws -> Bool { false }
    func hostSessions(matching filter: HostSessionFilter) async throws -> [HostSession] { [] }
    func caKeys() async throws -> [CAKeyRecord] { [] }
    func lastEnd(ofCertificatesBy issuer: String, after time: Date) async throws -> Date? { nil }
    func livePolicy() async throws -> PolicyRecord? { nil }
    func lastEventTime() async throws -> Date? { nil }
    func logFrontier() async throws -> MerkleFrontier { MerkleFrontier() }
    func logLeaves(from: UInt64, limit: Int) async throws -> [[UInt8]] { [] }
    func consistencyProof(from: UInt64, to: UInt64) async throws -> [MerkleHash] { [] }
    func prune(before time: Date, limit: Int) async throws -> Int { 0 }
}
