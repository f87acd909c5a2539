// SPDX-License-Identifier: Apache-2.0

package import Policies
package import SSHCertificates
package import X509Certificates

/// What is asked for, in values that are valid by type: the key was parsed, the CSR's self-signature verified.
package struct IssuanceRequest: Sendable {
    /// Nil where the server shall choose: only for an SSH user certificate with a host.
    package let role: String?
    package let subject: Subject
    package let lifetime: Duration?
    package let reason: String?
    package let ticket: String?
    /// The grant it is to be issued under; nil: none, or whichever permits it.
    package let grant: String?
    /// The subject as the policy sees it.
    let question: AuthorizationRequest.Subject

    package enum Subject: Sendable {
        case ssh(SSHPublicKey, logins: [String]?, host: HostName?)
        case sshHost(SSHPublicKey, host: HostName)
        case x509(CertificateSigningRequest)
    }

    /// - Throws: `Policies.RequestError` when the CSR asks for names that no certificate may have.
    package init(
        role: String?, subject: Subject, lifetime: Duration?, reason: String?, ticket: String? = nil,
        grant: String? = nil
    ) throws {
        self.role = role
        self.subject = subject
        self.lifetime = lifetime
        self.reason = reason
        self.ticket = ticket
        self.grant = grant
        question =
            switch subject {
            case .ssh(_, let logins, let host): .ssh(logins: logins, host: host)
            case .sshHost(_, let host): .sshHost(host: host)
            case .x509(let csr): .x509(names: try X509Names(csr.requestedNames))
            }
    }
}

extension IssuanceRequest {
    var keyType: KeyType {
        switch subject {
        case .ssh(let key, _, _), .sshHost(let key, _): KeyType(key.type)
        case .x509(let csr): KeyType(csr.publicKey.kind)
        }
    }
}

/// Who asks, as authentication proved it, and how to check at commit time that it still holds.
package struct Caller: Sendable {
    package let identity: Identity
    /// The serial of the session certificate; nil for a host or a machine, and for a workload that shows a token instead.
    package let session: String?
    package let requestID: String
    package let idempotencyKey: IdempotencyKey?
    /// Whether the identity provider still knows this person.
    package let isStillKnown: @Sendable () -> Bool
    /// The SSH keys of theirs that are known, which their approvals must be signed with.
    package let keys: [SSHPublicKey]
    /// A host or a machine that asks for itself, without a session.
    let proven: (any SelfProven)?
    /// Of a workload without a session: its token, which the certificate uses up.
    package let token: UsedChallenge?

    package init(
        identity: Identity, session: String, requestID: String, idempotencyKey: IdempotencyKey?,
        keys: [SSHPublicKey] = [], isStillKnown: @escaping @Sendable () -> Bool
    ) {
        self.identity = identity
        self.session = session
        self.requestID = requestID
        self.idempotencyKey = idempotencyKey
        self.isStillKnown = isStillKnown
        self.keys = keys
        proven = nil
        token = nil
    }

    /// A workload that shows its token with the call itself.
    package init(
        workload identity: Identity, token: UsedChallenge, requestID: String, idempotencyKey: IdempotencyKey?
    ) {
        self.identity = identity
        session = nil
        self.requestID = requestID
        self.idempotencyKey = idempotencyKey
        isStillKnown = { true }
        keys = []
        proven = nil
        self.token = token
    }

    init(_ proven: any SelfProven, requestID: String, idempotencyKey: IdempotencyKey? = nil) {
        identity = proven.identity
        session = nil
        self.requestID = requestID
        self.idempotencyKey = idempotencyKey
        isStillKnown = { true }
        keys = []
        self.proven = proven
        token = nil
    }

    /// What must still hold when something is done in this caller's name.
    var preconditions: [Precondition] {
        (session.map { [.sessionIsActive(serial: $0)] } ?? []) + [.personIsStillKnown(isStillKnown)]
            + (proven?.preconditions ?? []) + (token.map { [.challengeIsUnused(nonce: $0.nonce)] } ?? [])
    }

    /// Provider and user: what owns an idempotency key. Workloads have no name; each session, each token and each enrolment of
    /// theirs stands alone.
    var name: String {
        let own = identity.user ?? token?.nonce ?? proven?.enrolment.map { "enrolment \($0)" } ?? "session \(session ?? "")"
        return "\(identity.provider)/\(own)"
    }
}

package enum IssuanceOutcome: Sendable {
    case issued(CertificateRecord, narrowed: [String])
    case denied(DeniedError)
    /// A rule gives it once others agree. Nothing was issued.
    case approvalNeeded(ApprovalNeededError)
}

extension X509Names {
    init(_ names: SubjectNames) throws {
        try self.init(
            dns: names.dns.map(\.text), ips: names.ips.compactMap { IPAddress(bytes: $0.bytes) },
            emails: names.emails.map(\.text), uris: names.uris.map(\.text))
    }
}

extension SubjectNames {
    init(_ names: X509Names) throws {
        try self.init(
            dns: names.dns.map { try DNSName($0) }, ips: names.ips.map { try IPAddressName(bytes: $0.bytes) },
            emails: names.emails.map { try EmailName($0) }, uris: names.uris.map { try URIName($0) })
    }

    /// Host names and addresses, sorted apart.
    package init(hosts: [String]) throws {
        let hosts = try hosts.map { try HostName($0) }
        try self.init(
            dns: hosts.filter { $0.address == nil }.map { try DNSName($0.text) },
            ips: hosts.compactMap(\.address).map { try IPAddressName(bytes: $0.bytes) })
    }
}
