// SPDX-License-Identifier: Apache-2.0

package import AuditLog
import FoundationEssentials
package import Policies
package import X509Certificates

/// What signs. Not an actor: it works on immutable snapshots, so that signing uses every core; what must be in order
/// goes through the committer.
package struct Authority: Sendable {
    package let policies: PolicyHolder
    package let keys: KeyRing
    /// Where new CA keys come from; nil where none are made.
    let vault: (any KeyVault)?
    let service: ServiceAuthority
    let store: any Store
    let committer: Committer
    let clock: any WallClock
    /// Told of every change to what is revoked.
    package let revocations = RevocationSignal()
    /// The last event of the log by which an access request changed through this authority.
    let accessChanges = Newest<UInt64>()
    package let decisions = Counts<AuditEvent.Decision.Result>()
    package let ceilings: Ceilings
    let directory: any PersonDirectory
    let announcements: Announcements

    package init(
        policies: PolicyHolder, keys: KeyRing, vault: (any KeyVault)? = nil, service: ServiceAuthority, store: any Store,
        clock: any WallClock, ceilings: Ceilings, directory: any PersonDirectory, announcements: Announcements = .none
    ) {
        self.policies = policies
        self.keys = keys
        self.vault = vault
        self.service = service
        self.store = store
        committer = Committer(store: store)
        self.clock = clock
        self.ceilings = ceilings
        self.directory = directory
        self.announcements = announcements
    }

    /// Everybody whom the directory can list.
    package var people: [Identity] { directory.people }

    /// What signs now.
    var users: SSHAuthority { keys.current.users.active }
    var hosts: SSHAuthority { keys.current.hosts.active }
    var workloads: WorkloadAuthority { keys.current.workloads.active }

    /// PEM to be sent after a workload's certificate.
    /// - Parameter issuer: fingerprint of the key that signed it, which need not be the one that signs now.
    package func chain(of issuer: String) -> String {
        let keys = keys.current.workloads
        return keys.keys.first { $0.record.fingerprint == issuer }?.certificate.pem ?? keys.active.chain
    }

    /// What vouches for sessions.
    package var serviceCA: IssuerCertificate { service.certificate }

    /// PEM of the service CA, which clients pin and which vouches for sessions.
    package var serviceCertificate: String { service.certificate.pem }

    /// `SHA256:…` over the DER of the service CA: what people compare at their first login.
    package var serviceFingerprint: String { service.certificate.fingerprint }

    /// Certificates begin this much in the past, so that a server whose clock is a little behind accepts them at once.
    static let backdating: Double = 60  // seconds

    package func certificates(matching filter: CertificateFilter) async throws -> [CertificateRecord] {
        try await store.certificates(matching: filter)
    }

    package func countActiveCertificates() async throws -> Int {
        try await store.countActiveCertificates(at: clock.now)
    }

    /// Makes `entry` durable, or says why it no longer may be.
    /// - Returns: the number of its first leaf in the log.
    @discardableResult
    func commit(_ entry: CommitEntry) async throws -> UInt64 {
        let refusal: CommitRefusal
        switch try await committer.commit(entry) {
        case .committed(let index):
            if entry.changesRevocations { revocations.signal() }
            if !entry.access.isEmpty { accessChanges.publish(index) }
            decisions.add(entry.decisions)
            return index
        case .refused(let reason): refusal = reason
        }
        switch refusal {
        case .sessionEnded: throw AuthorityError.sessionEnded
        case .personNoLongerKnown: throw AuthorityError.personNoLongerKnown
        case .clockWentBack(let lastEvent): throw AuthorityError.clockWentBack(lastEvent: lastEvent)
        case .idempotencyKeyTaken, .challengeAlreadyUsed, .loginEnded, .alreadyRevoked, .notHeld, .accessChanged,
            .tokenNotUsable,
            .hostNameTaken, .hostNotEnrolled, .enrolmentEnded, .enrolmentKeyReplaced, .hostReportOutdated, .caKeyNotActive,
            .caKeysChanged:
            throw refusal
        }
    }
}
