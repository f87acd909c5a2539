// SPDX-License-Identifier: Apache-2.0

package import X509Certificates

/// An X.509 CA: its certificate and the key that signs under it.
package struct X509Authority: Sendable {
    package let certificate: IssuerCertificate
    let signer: any Signer

    /// - Throws: `AuthorityError.keyMismatch` when the certificate is for another key.
    package init(certificate: IssuerCertificate, signer: any Signer) throws {
        guard certificate.subjectPublicKeyInfo == signer.subjectPublicKeyInfo else {
            throw AuthorityError.keyMismatch(certificate: certificate.commonName)
        }
        self.certificate = certificate
        self.signer = signer
    }

    package var issuer: String { certificate.keyFingerprint }
}

/// The CA of workloads: what their servers trust. It signs only what a policy allows.
package struct WorkloadAuthority: Sendable {
    let authority: X509Authority
    /// What its certificates say about where their status is told.
    let status: StatusAddresses
    /// PEM of the issuing certificate, to be sent after the leaf.
    package let chain: String

    package init(_ authority: X509Authority, status: StatusAddresses = .none) {
        self.authority = authority
        self.status = status
        chain = authority.certificate.pem
    }
}

/// Where the certificates of a CA say that their status can be found.
package struct StatusAddresses: Sendable {
    private let whole: StatusSource
    /// Where lists are split, for each of `ListShard.allCases` in their order; empty where they are not.
    let shards: [PublishedStatus]

    /// Certificates say nothing.
    package static let none = StatusAddresses(whole: .unstated, shards: [])

    private init(whole: StatusSource, shards: [PublishedStatus]) {
        self.whole = whole
        self.shards = shards
    }

    /// - Parameter shards: none, or one for each of `ListShard.allCases` in their order.
    package init(whole: PublishedStatus, shards: [PublishedStatus] = []) {
        precondition([0, ListShard.allCases.count].contains(shards.count))
        self.init(whole: .published(whole), shards: shards)
    }

    func source(for serial: SerialNumber) -> StatusSource {
        shards.isEmpty ? whole : .published(shards[ListShard(of: serial).index])
    }
}

/// The CA of the service itself: it signs the server's own certificate and sessions, is what clients pin, and is never
/// trusted by a workload. Another type than `WorkloadAuthority`, so that the compiler keeps the two apart.
package struct ServiceAuthority: Sendable {
    let authority: X509Authority

    package init(_ authority: X509Authority) {
        self.authority = authority
    }

    package var certificate: IssuerCertificate { authority.certificate }
}
