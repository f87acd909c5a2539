// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import SSHCertificates
import ServiceAPI

extension SessionOutcome {
    /// What the server is told of it; nil for a session that may go on.
    func reported(by boot: String, at now: Date) -> ReportedSession? {
        let outcome: ReportedSession.Outcome
        let reason: String
        var certificate = session.certificates.first
        switch fate {
        case .stays: return nil
        case .ended(let cause, let forced):
            outcome = forced ? .killed : .ended
            (reason, certificate) = (cause.word, session.certificate(behind: cause))
        case .notEnded(let cause):
            outcome = .notEnded
            (reason, certificate) = (cause.word, session.certificate(behind: cause))
        case .undetermined(let doubt):
            outcome = .undetermined
            reason = doubt
        }
        return ReportedSession(
            id: "\(boot)-\(session.process.number)-\(session.process.start)", outcome: outcome, reason: reason,
            issuer: certificate?.authority.fingerprint, serial: certificate.map { String($0.serial) }, login: session.login,
            address: session.peer?.address, since: session.since, at: now,
            lastsUntil: outcome.isOpen ? session.endsAt : nil)
    }
}

extension SessionOutcome.Reason {
    fileprivate var word: String {
        switch self {
        case .revoked: "revoked"
        case .expired: "expired"
        }
    }
}

extension OpenSession {
    fileprivate func certificate(behind reason: SessionOutcome.Reason) -> AuthenticatedCertificate? {
        switch reason {
        case .revoked(let serial): certificates.first { $0.serial == serial }
        case .expired(let end): certificates.first { $0.expires == end }
        }
    }

    /// Where its role says that it ends with its certificate.
    fileprivate var endsAt: Date? {
        certificates.filter { $0.endsSessionAtExpiry == true }.compactMap(\.expires).min()
    }
}
