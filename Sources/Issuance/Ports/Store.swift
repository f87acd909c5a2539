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

    func session(serial: String) async throws -> SessionRecord?
    func certificate(issuer: String, serial: String) async throws -> CertificateRecord?
    func certificates(matching filter: CertificateFilter) async throws -> [CertificateRecord]
    func countActiveCertificates(at time: Date) async throws -> Int
    func reply(to key: IdempotencyKey, of identity: String) async throws -> RecordedReply?

    /// What the last policy load was; nil before the first.
    func livePolicy() async throws -> PolicyRecord?

    /// The right edge of the log as of the last commit.
    func logFrontier() async throws -> MerkleFrontier
    func logLeaves(from: UInt64, limit: Int) async throws -> [[UInt8]]
    func consistencyProof(from: UInt64, to: UInt64) async throws -> [MerkleHash]

    /// Deletes what expired before `time`: idempotency keys, used login challenges, ended sessions,
    /// notices that were delivered or given up. At most `limit` rows of each.
    func prune(before time: Date, limit: Int) async throws -> Int
}
