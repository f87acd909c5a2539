// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Policies
import X509Certificates

/// How long a certificate may live: never more than policy, request and ceilings each allow.
struct Limits: Sendable {
    let lifetime: Duration
    /// Sentences: what is narrower than asked or allowed, and by what.
    let narrowed: [String]
    /// What was approved from a time on is not valid before it, not even on a clock that is behind.
    var notBefore: Date?

    init(lifetime: Duration, narrowed: [String] = []) {
        self.lifetime = lifetime
        self.narrowed = narrowed
    }

    /// Step 6 of the cycle.
    /// - Parameter issuer: of an X.509 certificate; nothing outlives the CA it is issued by.
    init(
        _ permit: Permit, grant: GrantUse? = nil, ceilings: Ceilings, issuer: IssuerCertificate, at now: Date
    ) throws {
        let (ceiling, isX509) =
            switch permit.subject {
            case .ssh: (ceilings.ssh, false)
            case .sshHost: (ceilings.sshHost, false)
            case .x509: (ceilings.x509, true)
            }
        var lifetime = permit.lifetime
        var narrowed = permit.narrowed
        func narrow(to limit: Duration, by what: String) {
            guard lifetime > limit else { return }
            narrowed.append("lifetime is \(PolicyDuration.text(limit)) instead of \(PolicyDuration.text(lifetime)) by \(what)")
            lifetime = limit
        }
        narrow(to: ceiling, by: "the ceiling in mayfly.yaml")
        if let grant {
            narrow(to: .seconds(Int64(grant.until.timeIntervalSince(now))), by: "the end of grant \(grant.id)")
        }
        if isX509 { narrow(to: try Self.remainingLife(of: issuer, at: now), by: "the end of the CA certificate") }
        self.init(lifetime: lifetime, narrowed: narrowed)
        notBefore = grant?.notBefore
    }

    static func remainingLife(of issuer: IssuerCertificate, at now: Date) throws -> Duration {
        let seconds = issuer.notAfter.timeIntervalSince(now) + 1
        guard seconds >= 1, issuer.notBefore <= now else { throw AuthorityError.caExpired(issuer.commonName) }
        return .seconds(Int64(seconds))
    }

    /// From a little before `now`, but not before the issuer, to the first second in which it is no longer accepted.
    func validity(at now: Date, under issuer: IssuerCertificate? = nil) -> (after: Date, before: Date) {
        let after = max(now.addingTimeInterval(-Authority.backdating), notBefore ?? .distantPast)
        let before = now.addingTimeInterval(Double(lifetime.components.seconds))
        return (issuer.map { max(after, $0.notBefore) } ?? after, before)
    }
}
