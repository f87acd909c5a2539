// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Policies
import Synchronization
package import X509Certificates

/// The root of the workload CA as the server knows it: its certificate and its newest revocation list. Its key is elsewhere.
package final class RootAuthority: Sendable {
    package let certificate: IssuerCertificate
    private let newest: Mutex<RevocationList?>

    package var list: RevocationList? { newest.withLock { $0 } }

    package init(certificate: IssuerCertificate, list: RevocationList?) {
        self.certificate = certificate
        newest = Mutex(list)
    }

    fileprivate func replace(with list: RevocationList) { newest.withLock { $0 = list } }
}

/// Why a list of the root does not go live.
package enum RootListError: Error, Equatable, CustomStringConvertible {
    case notSigned
    case older

    package var description: String {
        switch self {
        case .notSigned: "the root did not sign it"
        case .older: "it is not newer than the one that is published"
        }
    }
}

extension Authority {
    /// Takes a newer list live, with an event. The same one again is no news.
    package func publish(_ list: RevocationList, of root: RootAuthority) async throws {
        guard list.der != root.list?.der else { return }
        guard list.isSigned(by: root.certificate) else { throw RootListError.notSigned }
        if let live = root.list, list.number <= live.number { throw RootListError.older }
        try await commit(
            try CommitEntry(
                event: AuditEvent(
                    time: AuditTime(clock.now), type: .keyUsed, policy: policies.current.set.digest,
                    key: .init(fingerprint: root.certificate.keyFingerprint, purpose: "root-list"))))
        root.replace(with: list)
    }
}
