// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Issuance
import Storage
import Synchronization

/// The database, with a place before each transaction where a test can step in.
final class DisturbedStore: Store {
    /// What it throws fails the transaction.
    typealias Disturbance = @Sendable ([CommitEntry]) async throws -> Void

    let base: SQLStore
    private let disturbance = Mutex<(action: Disturbance, isLasting: Bool)?>(nil)

    init(_ base: SQLStore) {
        self.base = base
    }

    func disturb(_ action: @escaping Disturbance) {
        disturbance.withLock { $0 = (action, true) }
    }

    func disturbOnce(_ action: @escaping Disturbance) {
        disturbance.withLock { $0 = (action, false) }
    }

    func calm() {
        disturbance.withLock { $0 = nil }
    }

    func commit(_ entries: [CommitEntry]) async throws -> [CommitOutcome] {
        let action = disturbance.withLock { current in
            defer { if current?.isLasting == false { current = nil } }
            return current?.action
        }
        try await action?(entries)
        return try await base.commit(entries)
    }

    func allotSerials(_ count: UInt64, issuer: String) async throws -> Range<UInt64> {
        try await base.allotSerials(count, issuer: issuer)
    }

    func nextNumber(
        ofList list: String, atLeast floor: UInt64, covering event: Int64, at time: Date
    ) async throws -> UInt64 {
        try await base.nextNumber(ofList: list, atLeast: floor, covering: event, at: time)
    }

    func listVersions(of list: String, upTo number: UInt64?, limit: Int) async throws -> [ListVersion] {
        try await base.listVersions(of: list, upTo: number, limit: limit)
    }

    func revokedSSHCertificates(by events: ClosedRange<Int64>) async throws -> (count: Int, lastExpiry: Date?) {
        try await base.revokedSSHCertificates(by: events)
    }

    func revocationChanges(after event: Int64, endingAfter time: Date) async throws -> [RevocationChange] {
        try await base.revocationChanges(after: event, endingAfter: time)
    }

    func caKeys() async throws -> [CAKeyRecord] { try await base.caKeys() }

    func lastEnd(ofCertificatesBy issuer: String, after time: Date) async throws -> Date? {
        try await base.lastEnd(ofCertificatesBy: issuer, after: time)
    }

    func session(serial: String) async throws -> SessionRecord? { try await base.session(serial: serial) }

    func openSessions(matching filter: SessionFilter) async throws -> [SessionRecord] {
        try await base.openSessions(matching: filter)
    }

    func knownPeople(named user: String?, at time: Date) async throws -> [KnownPerson] {
        try await base.knownPeople(named: user, at: time)
    }

    func lastUse(ofSession serial: String) async throws -> LastUse? { try await base.lastUse(ofSession: serial) }
    func record(_ uses: [LastUse]) async throws { try await base.record(uses) }

    func certificate(issuer: String, serial: String) async throws -> CertificateRecord? {
        try await base.certificate(issuer: issuer, serial: serial)
    }

    func certificates(matching filter: CertificateFilter) async throws -> [CertificateRecord] {
        try await base.certificates(matching: filter)
    }

    func countActiveCertificates(at time: Date) async throws -> Int { try await base.countActiveCertificates(at: time) }

    func isUsed(challenge nonce: String) async throws -> Bool { try await base.isUsed(challenge: nonce) }
    func remember(_ login: EndedLogin, usingUp: Bool) async throws -> Bool {
        try await base.remember(login, usingUp: usingUp)
    }

    func reply(to key: IdempotencyKey, of identity: String) async throws -> RecordedReply? {
        try await base.reply(to: key, of: identity)
    }

    func accessRecord(id: String) async throws -> AccessRecord? { try await base.accessRecord(id: id) }

    func accessRecords(matching filter: AccessFilter) async throws -> [AccessRecord] {
        try await base.accessRecords(matching: filter)
    }

    func enrolmentToken(digest: [UInt8]) async throws -> EnrolmentToken? { try await base.enrolmentToken(digest: digest) }
    func enrolmentToken(id: String) async throws -> EnrolmentToken? { try await base.enrolmentToken(id: id) }

    func openEnrolmentTokens(at time: Date, after id: String?, limit: Int) async throws -> [EnrolmentToken] {
        try await base.openEnrolmentTokens(at: time, after: id, limit: limit)
    }

    func machines(after enrolment: String?, endingAfter time: Date, limit: Int) async throws -> [MachineRecord] {
        try await base.machines(after: enrolment, endingAfter: time, limit: limit)
    }

    func host(named name: String) async throws -> HostRecord? { try await base.host(named: name) }

    func hosts(after name: String?, limit: Int) async throws -> [HostRecord] {
        try await base.hosts(after: name, limit: limit)
    }

    func record(
        _ report: HostReport, _ sessions: [HostSession], ofHost name: String, publicKey: String
    ) async throws -> Bool {
        try await base.record(report, sessions, ofHost: name, publicKey: publicKey)
    }

    func hostSessions(matching filter: HostSessionFilter) async throws -> [HostSession] {
        try await base.hostSessions(matching: filter)
    }

    func livePolicy() async throws -> PolicyRecord? { try await base.livePolicy() }
    func lastEventTime() async throws -> Date? { try await base.lastEventTime() }
    func logFrontier() async throws -> MerkleFrontier { try await base.logFrontier() }

    func logLeaves(from: UInt64, limit: Int) async throws -> [[UInt8]] { try await base.logLeaves(from: from, limit: limit) }

    func consistencyProof(from: UInt64, to: UInt64) async throws -> [MerkleHash] {
        try await base.consistencyProof(from: from, to: to)
    }

    func prune(before time: Date, limit: Int) async throws -> Int { try await base.prune(before: time, limit: limit) }
}

struct DiskFailure: Error, Equatable {}
