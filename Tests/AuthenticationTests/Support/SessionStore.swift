// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Issuance

/// A store that holds sessions and nothing else.
struct SessionStore: Store {
    var sessions: [SessionRecord]
    var uses: [LastUse] = []

    func session(serial: String) async throws -> SessionRecord? { sessions.first { $0.serial == serial } }

    func commit(_ entries: [CommitEntry]) async throws -> [CommitOutcome] { throw Unexpected() }
    func allotSerials(_ count: UInt64, issuer: String) async throws -> Range<UInt64> { throw Unexpected() }
    func nextNumber(
        ofList list: String, atLeast floor: UInt64, covering event: Int64, at time: Date
    ) async throws -> UInt64 { throw Unexpected() }
    func listVersions(of list: String, upTo number: UInt64?, limit: Int) async throws -> [ListVersion] { throw Unexpected() }
    func revokedSSHCertificates(by events: ClosedRange<Int64>) async throws -> (count: Int, lastExpiry: Date?) {
        throw Unexpected()
    }
    func revocationChanges(after event: Int64, endingAfter time: Date) async throws -> [RevocationChange] {
        throw Unexpected()
    }
    func knownPeople(named user: String?, at time: Date) async throws -> [KnownPerson] { throw Unexpected() }
    func lastUse(ofSession serial: String) async throws -> LastUse? { uses.first { $0.session == serial } }
    func openSessions(matching filter: SessionFilter) async throws -> [SessionRecord] { throw Unexpected() }
    func record(_ uses: [LastUse]) async throws {
        if !uses.isEmpty { throw Unexpected() }
    }
    func certificate(issuer: String, serial: String) async throws -> CertificateRecord? { throw Unexpected() }
    func certificates(matching filter: CertificateFilter) async throws -> [CertificateRecord] { throw Unexpected() }
    func countActiveCertificates(at time: Date) async throws -> Int { throw Unexpected() }
    func isUsed(challenge nonce: String) async throws -> Bool { throw Unexpected() }
    func remember(_ login: EndedLogin, usingUp: Bool) async throws -> Bool { throw Unexpected() }
    func reply(to key: IdempotencyKey, of identity: String) async throws -> RecordedReply? { throw Unexpected() }
    func accessRecord(id: String) async throws -> AccessRecord? { nil }
    func accessRecords(matching filter: AccessFilter) async throws -> [AccessRecord] { [] }
    func enrolmentToken(digest: [UInt8]) async throws -> EnrolmentToken? { throw Unexpected() }
    func enrolmentToken(id: String) async throws -> EnrolmentToken? { throw Unexpected() }
    func openEnrolmentTokens(at time: Date, after id: String?, limit: Int) async throws -> [EnrolmentToken] {
        throw Unexpected()
    }
    func machines(after enrolment: String?, endingAfter time: Date, limit: Int) async throws -> [MachineRecord] {
        throw Unexpected()
    }
    func host(named name: String) async throws -> HostRecord? { throw Unexpected() }
    func hosts(after name: String?, limit: Int) async throws -> [HostRecord] { throw Unexpected() }
    func record(
        _ report: HostReport, _ sessions: [HostSession], ofHost name: String, publicKey: String
    ) async throws -> Bool { throw Unexpected() }
    func hostSessions(matching filter: HostSessionFilter) async throws -> [HostSession] { throw Unexpected() }
    func caKeys() async throws -> [CAKeyRecord] { throw Unexpected() }
    func lastEnd(ofCertificatesBy issuer: String, after time: Date) async throws -> Date? { throw Unexpected() }
    func livePolicy() async throws -> PolicyRecord? { throw Unexpected() }
    func lastEventTime() async throws -> Date? { throw Unexpected() }
    func logFrontier() async throws -> MerkleFrontier { throw Unexpected() }
    func logLeaves(from: UInt64, limit: Int) async throws -> [[UInt8]] { throw Unexpected() }
    func consistencyProof(from: UInt64, to: UInt64) async throws -> [MerkleHash] { throw Unexpected() }
    func prune(before time: Date, limit: Int) async throws -> Int { throw Unexpected() }
}

/// Authentication reads sessions and does nothing else to the store.
struct Unexpected: Error {}

struct FixedClock: WallClock {
    var now: Date
}
