// SPDX-License-Identifier: Apache-2.0

package import SSHCertificates
import Synchronization
package import X509Certificates

package import struct FoundationEssentials.Date

/// The CA keys as they stand at one moment.
package struct SigningKeys: Sendable {
    package internal(set) var users: SSHKeys
    package internal(set) var hosts: SSHKeys
    package internal(set) var workloads: WorkloadKeys

    /// In the order in which they were prepared.
    package func records(of purpose: CAKeyPurpose) -> [CAKeyRecord] {
        switch purpose {
        case .sshUser: users.keys.map(\.record)
        case .sshHost: hosts.keys.map(\.record)
        case .issuing: workloads.keys.map(\.record)
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

/// The issuing CAs of the workloads.
package struct WorkloadKeys: Sendable {
    /// The one that signs.
    package let active: WorkloadAuthority
    /// All on record, the active one among them.
    let keys: [Key]

    struct Key: Sendable {
        let record: CAKeyRecord
        let certificate: IssuerCertificate
        /// What signs its lists; nil where nobody needs them any more.
        let authority: X509Authority?
    }

    /// To be sent, and known where chains are built: first the one that signs.
    package var published: [IssuerCertificate] {
        let others = keys.filter { $0.record.state.isPublished && $0.record.state != .active }
        return [active.authority.certificate] + others.map(\.certificate)
    }

    /// All that signed and were not revoked, also those that are published no more.
    var trusted: [IssuerCertificate] {
        keys.filter { [.active, .retiring, .retired].contains($0.record.state) }.map(\.certificate)
    }

    /// Those whose lists are published: first that of the one that signs. From the day they are prepared, so that whoever checks
    /// lists has one before the first certificate comes.
    var listing: [(name: String, authority: X509Authority, isPublished: Bool)] {
        keys.sorted { $0.record.state == .active && $1.record.state != .active }.compactMap { key in
            key.authority.map { (key.record.listName, $0, key.record.state.isPublished) }
        }
    }

    var authorities: [String: X509Authority] {
        Dictionary(keys.compactMap { key in key.authority.map { ($0.issuer, $0) } }) { first, _ in first }
    }

    /// One CA that was never rotated.
    package init(_ active: WorkloadAuthority) {
        let authority = active.authority
        let record = CAKeyRecord(
            purpose: .issuing, fingerprint: authority.issuer, subjectPublicKeyInfo: authority.signer.subjectPublicKeyInfo,
            certificate: authority.certificate.der, state: .active, preparedAt: nil, changedAt: nil)
        self.active = active
        keys = [Key(record: record, certificate: authority.certificate, authority: authority)]
    }

    /// - Parameters:
    ///   - authorities: by fingerprint; the active one and all others whose lists are needed.
    ///   - status: what certificates say of the list of that name.
    /// - Throws: `CAKeyError.damaged` where what is on record does not fit together.
    init(
        _ records: [CAKeyRecord], authorities: [String: X509Authority], status: (String) throws -> StatusAddresses
    ) throws {
        keys = try records.map { record in
            guard let der = record.certificate, let certificate = try? IssuerCertificate(der: der),
                certificate.keyFingerprint == record.fingerprint
            else { throw CAKeyError.damaged(.issuing) }
            return Key(
                record: record, certificate: certificate,
                authority: record.state == .revoked ? nil : authorities[record.fingerprint])
        }
        let signing = keys.filter { $0.record.state == .active }
        guard signing.count == 1, let key = signing.first, let authority = key.authority else {
            throw CAKeyError.damaged(.issuing)
        }
        active = WorkloadAuthority(authority, status: try status(key.record.listName))
    }
}

/// The CA keys as they stand now: replaced whole when one of them changes its state.
package final class KeyRing: Sendable {
    private let state: Mutex<SigningKeys>
    private let isChanging = Mutex(false)
    /// What certificates say of the revocation list of a name.
    let status: @Sendable (String) throws -> StatusAddresses

    /// Keys that were never rotated.
    package init(users: SSHAuthority, hosts: SSHAuthority, workloads: WorkloadAuthority) {
        status = { _ in workloads.status }
        state = Mutex(
            SigningKeys(
                users: SSHKeys(users, for: .sshUser), hosts: SSHKeys(hosts, for: .sshHost),
                workloads: WorkloadKeys(workloads)))
    }

    /// Keys as they are on record.
    /// - Parameters:
    ///   - firstIssuing: the issuing CA that `init` made; asked for as long as none came after it.
    ///   - status: what certificates say of the revocation list of a name.
    ///   - now: CAs whose certificates have all ended sign no lists any more.
    /// - Throws: what the vault says of a key that must sign, and `CAKeyError.damaged`.
    package init(
        in store: any Store, vault: any KeyVault, firstIssuing: () throws -> X509Authority,
        status: @escaping @Sendable (String) throws -> StatusAddresses, now: Date
    ) async throws {
        self.status = status
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
        func issuing() async throws -> WorkloadKeys {
            let own = records.filter { $0.purpose == .issuing }
            guard !own.isEmpty else {
                return WorkloadKeys(WorkloadAuthority(try firstIssuing(), status: try status("issuing")))
            }
            var authorities: [String: X509Authority] = [:]
            for record in own where record.state != .revoked {
                if record.state == .retired, try await store.lastEnd(ofCertificatesBy: record.fingerprint, after: now) == nil {
                    continue
                }
                guard let der = record.certificate, let certificate = try? IssuerCertificate(der: der) else {
                    throw CAKeyError.damaged(.issuing)
                }
                let signer = try await vault.key(for: .issuing, subjectPublicKeyInfo: record.subjectPublicKeyInfo)
                authorities[record.fingerprint] = try X509Authority(certificate: certificate, signer: signer)
            }
            return try WorkloadKeys(own, authorities: authorities, status: status)
        }
        let keys = SigningKeys(
            users: try await ssh(.sshUser), hosts: try await ssh(.sshHost), workloads: try await issuing())
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
