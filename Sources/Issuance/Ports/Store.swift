// SPDX-License-Identifier: Apache-2.0

package import AuditLog

package import struct FoundationEssentials.Date

/// Where records and the audit log live. What `commit` reports as committed survives a crash of the process and of the
/// machine; reads see every commit that was reported before they began.
package protocol Store: Sendable {
    /// Applies each entry that its preconditions still permit and appends its event to the log, all in one durable
    /// transaction. The outcomes are in the order of `entries`; a refused entry leaves no trace.
    /// - Throws: when the transaction as a whole failed; then nothing of it was applied.
    func commit(_ entries: [CommitEntry]) async throws -> [CommitOutcome]

    /// The next `count` serials of an SSH CA key, never handed out again. Serials begin at 1: 0 cannot stand in a KRL.
    func allotSerials(_ count: UInt64, issuer: String) async throws -> Range<UInt64>

    /// The number of the next revocation list: at least `floor`, and above every earlier one of that list. It is on record
    /// from then on that the list covers the log up to `event`.
    func nextNumber(ofList list: String, atLeast floor: UInt64, covering event: Int64, at time: Date) async throws -> UInt64
    /// Newest first.
    /// - Parameter number: up to this one; nil for the newest.
    func listVersions(of list: String, upTo number: UInt64?, limit: Int) async throws -> [ListVersion]
    /// SSH certificates that were revoked by these events of the log, and when the last of them expires.
    func revokedSSHCertificates(by events: ClosedRange<Int64>) async throws -> (count: Int, lastExpiry: Date?)

    /// What was revoked, held or released after that event of the log, in that order, of certificates that end after
    /// `time`. Each certificate stands in it once, with its last change.
    func revocationChanges(after event: Int64, endingAfter time: Date) async throws -> [RevocationChange]

    func session(serial: String) async throws -> SessionRecord?
    /// Sessions that have neither ended nor expired, by serial.
    func openSessions(matching filter: SessionFilter) async throws -> [SessionRecord]
    /// Whoever logged in with an identity provider and is still remembered at `time`; nil: everybody.
    func knownPeople(named user: String?, at time: Date) async throws -> [KnownPerson]
    /// Nil for a session whose use was never written.
    func lastUse(ofSession serial: String) async throws -> LastUse?
    /// Keeps the later one where a session has one already. Not an act, so without an event.
    func record(_ uses: [LastUse]) async throws
    func certificate(issuer: String, serial: String) async throws -> CertificateRecord?
    func certificates(matching filter: CertificateFilter) async throws -> [CertificateRecord]
    func countActiveCertificates(at time: Date) async throws -> Int
    /// Whether something of this name was used up by an entry, and is not yet forgotten.
    func isUsed(challenge nonce: String) async throws -> Bool
    /// Remembers until `used.expires` that a login is over, so that no session opens by it. Not an act, so without an event.
    /// - Parameter usingUp: whether what said so is taken no more.
    /// - Returns: false where it was used up before.
    func remember(_ login: EndedLogin, usingUp: Bool) async throws -> Bool
    func reply(to key: IdempotencyKey, of identity: String) async throws -> RecordedReply?

    /// With all its events.
    func accessRecord(id: String) async throws -> AccessRecord?
    /// Newest first, each with all its events.
    func accessRecords(matching filter: AccessFilter) async throws -> [AccessRecord]

    /// What the last policy load was; nil before the first.
    func livePolicy() async throws -> PolicyRecord?

    func enrolmentToken(digest: [UInt8]) async throws -> EnrolmentToken?
    /// - Parameter id: `EnrolmentToken.id`.
    func enrolmentToken(id: String) async throws -> EnrolmentToken?
    /// In the order of their ids: those that nobody used and that have not expired.
    func openEnrolmentTokens(at time: Date, after id: String?, limit: Int) async throws -> [EnrolmentToken]
    /// In the order of their enrolments: those whose newest certificate ends after `time`.
    func machines(after enrolment: String?, endingAfter time: Date, limit: Int) async throws -> [MachineRecord]
    func host(named name: String) async throws -> HostRecord?
    /// In the order of their names; those that were removed are not among them.
    func hosts(after name: String?, limit: Int) async throws -> [HostRecord]
    /// Replaces what the host said before.
    /// - Parameter sessions: what it says of sessions; of those that were open and are not among them, that they are gone.
    /// - Returns: whether it is enrolled with this key, and said nothing newer.
    func record(
        _ report: HostReport, _ sessions: [HostSession], ofHost name: String, publicKey: String
    ) async throws -> Bool
    /// Newest first.
    func hostSessions(matching filter: HostSessionFilter) async throws -> [HostSession]

    /// The latest time of an event; nil for an empty log.
    func lastEventTime() async throws -> Date?

    /// Those that were ever rotated, in the order in which they were prepared.
    func caKeys() async throws -> [CAKeyRecord]
    /// When the last of the certificates of a CA key ends that end after `time` and are not revoked for good; nil where there
    /// are none. Certificates of the CA's own do not count.
    func lastEnd(ofCertificatesBy issuer: String, after time: Date) async throws -> Date?

    /// The right edge of the log as of the last commit.
    func logFrontier() async throws -> MerkleFrontier
    func logLeaves(from: UInt64, limit: Int) async throws -> [[UInt8]]
    func consistencyProof(from: UInt64, to: UInt64) async throws -> [MerkleHash]

    /// Deletes what expired before `time`: idempotency keys, used login challenges, logins that are over, ended sessions, people who
    /// were not seen again, enrolment tokens, what became of SSH sessions, versions of lists, notices that were delivered or given
    /// up. At most `limit` rows of each.
    func prune(before time: Date, limit: Int) async throws -> Int
}
