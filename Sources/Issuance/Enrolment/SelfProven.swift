// SPDX-License-Identifier: Apache-2.0

import Policies

/// Who asks for a certificate of its own without a session: a token lets it in once, and from then on the certificate it has
/// gets it the next one.
protocol SelfProven: Sendable {
    /// Without user and groups: rules for it name the provider, and may want claims.
    var identity: Identity { get }
    /// Id of the token by which its X.509 certificates are known to belong together; nil for a host, which has a name.
    var enrolment: String? { get }
    /// What must still hold when the certificate is recorded.
    var preconditions: [Precondition] { get }
    /// Adds what is written together with its new certificate.
    func complete(_ entry: inout CommitEntry, with record: CertificateRecord, under policies: PolicySet)
}
