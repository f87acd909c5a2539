// SPDX-License-Identifier: Apache-2.0

package import SSHCertificates
import Synchronization

/// The CA keys as they stand at one moment.
package struct SigningKeys: Sendable {
    package internal(set) var users: SSHKeys
    package internal(set) var hosts: SSHKeys
    package internal(set) var workloads: WorkloadAuthority

    /// In the order in which they were prepared.
    package func records(of purpose: CAKeyPurpose) -> [CAKeyRecord] {
        switch purpose {
        case .sshUser: users.keys.map(\.record)
        case .sshHost: hosts.keys.map(\.record)
        case .issuing: [workloads.record]
        }
    }
}

/// The SSH CA keys of one purpose.
package struct SSHKeys: Sendable {
    /// The one that signs.
    package let active: SSHAuthority
    /// All on record, the active one among them.
    let keys: [Key]

    struct Key: Sendable {
        let record: CAKeyRecord
        let publicKey: SSHPublicKey
    }

    /// To be trusted: first the one that signs.
    package var published: [SSHPublicKey] {
        [active.publicKey] + keys.filter { $0.record.state.isPublished && $0.record.state != .active }.map(\.publicKey)
    }

    package var revoked: [SSHPublicKey] { keys.filter { $0.record.state == .revoked }.map(\.publicKey) }

    /// One key that was never rotated.
    package init(_ active: SSHAuthority, for purpose: CAKeyPurpose) {
        let record = CAKeyRecord(
            purpose: purpose, fingerprint: active.issuer, subjectPublicKeyInfo: active.signer.subjectPublicKeyInfo,
            certificate: nil, state: .active, preparedAt: nil, changedAt: nil)
        self.active = active
        keys = [Key(record: record, publicKey: active.publicKey)]
    }

    /// - Throws: `CAKeyError.damaged` unless exactly the key that signs here is the active one on record.
    init(_ active: SSHAuthority, records: [CAKeyRecord]) throws {
        guard let purpose = records.first?.purpose,
            records.filter({ $0.state == .active }).map(\.fingerprint) == [active.issuer]
        else { throw CAKeyError.damaged(records.first?.purpose ?? .sshUser) }
        self.active = active
        keys = try records.map { record in
            guard let key = try? SSHPublicKey(subjectPublicKeyInfo: record.subjectPublicKeyInfo),
                key.fingerprint == record.fingerprint
            else { throw CAKeyError.damaged(purpose) }
            return Key(record: record, publicKey: key)
        }
    }
}

/// The CA keys as they stand now: replaced whole when one of them changes its state.
package final class KeyRing: Sendable {
    private let state: Mutex<SigningKeys>
    private let isChanging = Mutex(false)

    /// Keys that were never rotated.
    package init(users: SSHAuthority, hosts: SSHAuthority, workloads: WorkloadAuthority) {
        state = Mutex(
            SigningKeys(users: SSHKeys(users, for: .sshUser), hosts: SSHKeys(hosts, for: .sshHost), workloads: workloads))
    }

    /// Keys as they are on record.
    /// - Throws: what the vault says of a key that must sign, and `CAKeyError.damaged`.
    package init(in store: any Store, vault: any KeyVault, workloads: WorkloadAuthority) async throws {
        let records = try await store.caKeys()
        func ssh(_ purpose: CAKeyPurpose) async throws -> SSHKeys {
            let own = records.filter { $0.purpose == purpose }
            guard !own.isEmpty else {
                return SSHKeys(try SSHAuthority(signer: try await vault.firstKey(for: purpose), store: store), for: purpose)
            }
            guard let active = own.first(where: { $0.state == .active }) else { throw CAKeyError.damaged(purpose) }
            let signer = try await vault.key(for: purpose, subjectPublicKeyInfo: active.subjectPublicKeyInfo)
            return try SSHKeys(try SSHAuthority(signer: signer, store: store), records: own)
        }
        let keys = SigningKeys(users: try await ssh(.sshUser), hosts: try await ssh(.sshHost), workloads: workloads)
        state = Mutex(keys)
        if !records.isEmpty { await vault.publish(keys) }
    }

    package var current: SigningKeys { state.withLock { $0 } }

    func replace(with keys: SigningKeys) { state.withLock { $0 = keys } }

    /// Runs `body` while nothing else changes a key.
    /// - Throws: `CAKeyError.busy` when something does already.
    func changing<Result>(_ body: () async throws -> Result) async throws -> Result {
        let wasChanging = isChanging.withLock { flag in
            defer { flag = true }
            return flag
        }
        guard !wasChanging else { throw CAKeyError.busy }
        defer { isChanging.withLock { $0 = false } }
        return try await body()
    }
}
