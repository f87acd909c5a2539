// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Policies
import X509Certificates

/// How long a certificate may live: never more than policy, request and ceilings each allow.
struct Limits: Sendable {
    let lifetime: Duration
    /// Sentences: what is narrower than asked or allowed, and by what.
    let narrowed: [String]

    init(lifetime: Duration, narrowed: [String] = []) {
        self.lifetime = lifetime
        self.narrowed = narrowed
    }

    /// Step 6 of the cycle.
    init(_ permit: Permit, ceilings: Ceilings) {
        let ceiling =
            switch permit.subject {
            case .ssh: ceilings.ssh
            case .sshHost: ceilings.sshHost
            case .x509: ceilings.x509
            }
        guard permit.lifetime > ceiling else {
            self.init(lifetime: permit.lifetime, narrowed: permit.narrowed)
            return
        }
        let (from, to) = (PolicyDuration.text(permit.lifetime), PolicyDuration.text(ceiling))
        self.init(
            lifetime: ceiling,
            narrowed: permit.narrowed + ["lifetime is \(to) instead of \(from) by the ceiling in mayfly.yaml"])
    }

    /// From a little before `now` to the first second in which it is no longer accepted, and never beyond the issuer.
    /// - Throws: `AuthorityError.caExpired`.
    func validity(at now: Date, under issuer: IssuerCertificate? = nil) throws -> (after: Date, before: Date) {
        let after = now.addingTimeInterval(-Authority.backdating)
        let before = now.addingTimeInterval(Double(lifetime.components.seconds))
        guard let issuer else { return (after, before) }
        let end = issuer.notAfter.addingTimeInterval(1)
        guard now < end, issuer.notBefore <= now else { throw AuthorityError.caExpired(issuer.commonName) }
        return (max(after, issuer.notBefore), min(before, end))
    }
}
