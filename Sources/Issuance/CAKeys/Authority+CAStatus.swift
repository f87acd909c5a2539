// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import X509Certificates

/// How one of the CA's keys, certificates or lists stands, and what somebody should do about it.
package struct CAStanding: Sendable, Equatable {
    /// `root`, `root-list`, `service`, or a purpose.
    package var name: String
    /// nil where there is only one.
    package var state: CAKeyState?
    /// Of the key, as certificates on record name their issuer; nil for a list.
    package var key: String?
    package var changedAt: Date?
    /// When the certificate or the list itself ends; nil for a key that has no end.
    package var endsAt: Date?
    /// When the last certificate ends that it signed and that is not revoked.
    package var lastCertificateEnds: Date?
    /// Enrolled hosts that did not say that they trust it.
    package var missingOn: [String] = []
    /// What to do now, as a sentence; nil for nothing.
    package var advice: String?
}

extension Authority {
    /// Long enough to prepare a key, to have it trusted, and to find a day for it.
    private static let noticeOfCA: Double = 180 * 86_400  // seconds
    private static let noticeOfRoot: Double = 365 * 86_400
    private static let noticeOfRootList: Double = 90 * 86_400

    /// - Parameters:
    ///   - root: of the workloads.
    ///   - rootList: what the root says of its issuing CAs.
    package func standing(root: IssuerCertificate, rootList: RevocationList?) async throws -> [CAStanding] {
        let now = clock.wholeSeconds
        var standing = [
            CAStanding(
                name: "root", key: root.keyFingerprint, endsAt: root.notAfter,
                advice: root.notAfter < now + Self.noticeOfRoot
                    ? "make a new CA and move what trusts this root: no command replaces a root" : nil),
            rootListStanding(rootList, at: now),
            CAStanding(
                name: "service", key: service.certificate.keyFingerprint, endsAt: service.certificate.notAfter,
                advice: service.certificate.notAfter < now + Self.noticeOfRoot
                    ? "make a new CA and have people log in there: no command replaces the service CA" : nil),
        ]
        for purpose in CAKeyPurpose.allCases {
            for record in keys.current.records(of: purpose) { standing.append(try await self.standing(of: record, at: now)) }
        }
        return standing
    }

    private func rootListStanding(_ list: RevocationList?, at now: Date) -> CAStanding {
        let advice: String? =
            switch list?.nextUpdate {
            case nil: "make one with `mayfly ca crl`: servers that check the whole chain need it"
            case let end? where end <= now: "it has ended and whoever checks it refuses everybody: sign it with `mayfly ca crl`"
            case let end? where end < now + Self.noticeOfRootList: "sign it again with `mayfly ca crl`"
            case _?: nil
            }
        return CAStanding(name: "root-list", endsAt: list?.nextUpdate, advice: advice)
    }

    private func standing(of record: CAKeyRecord, at now: Date) async throws -> CAStanding {
        var standing = CAStanding(
            name: record.purpose.rawValue, state: record.state, key: record.fingerprint, changedAt: record.changedAt)
        standing.endsAt = try record.certificate.map { try IssuerCertificate(der: $0).notAfter }
        if record.state != .prepared, record.state != .revoked {
            standing.lastCertificateEnds = try await store.lastEnd(ofCertificatesBy: record.fingerprint, after: now)
        }
        if record.purpose == .sshUser, record.state == .prepared || record.state == .active {
            standing.missingOn = try await hosts(withoutTrustIn: record)
        }
        standing.advice = advice(standing, record, at: now)
        return standing
    }

    private func advice(_ standing: CAStanding, _ record: CAKeyRecord, at now: Date) -> String? {
        let command = "`mayfly ca rotate \(record.purpose.rawValue)"
        switch record.state {
        case .prepared where !standing.missingOn.isEmpty:
            return "wait until the hosts that are listed trust it, then \(command) activate`"
        case .prepared where record.purpose == .issuing:
            return "have its list wherever lists are checked (`mayfly ca export --format crl`), then \(command) activate`"
        case .prepared where record.purpose == .sshHost:
            return "have it in known_hosts everywhere (`mayfly ca export --format known-hosts`), then \(command) activate`"
        case .prepared: return "\(command) activate`"
        case .active:
            guard let end = standing.endsAt, end < now + Self.noticeOfCA else { return nil }
            return "certificates end with it at the latest: replace it, beginning with `mayfly ca request`"
        case .retiring:
            guard let end = standing.lastCertificateEnds else { return "\(command) retire --key \(record.fingerprint)`" }
            return "\(command) retire --key \(record.fingerprint)` after \(end.formatted(.iso8601))"
        case .retired, .revoked: return nil
        }
    }
}
