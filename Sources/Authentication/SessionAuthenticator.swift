// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Issuance
package import Policies
package import SSHCertificates
package import X509Certificates

/// A client certificate whose key the other end of a TLS connection proved to hold, issued by the service CA.
package struct ClientCertificate: Sendable, Equatable {
    /// As in the inventory: 32 hexadecimal digits.
    let serial: String
    /// Nil for a workload.
    let commonName: String?
    /// Which identity the session has; nil where the user file says so.
    let identityName: String?
    /// Opened by a user of the user file with a token that asked for PIN or fingerprint.
    var isOfSecondFactor: Bool { identityName == SessionIdentity.secondFactorName }
    /// SHA-256 of the DER.
    let digest: [UInt8]

    /// Nil when it cannot be a session certificate.
    package init?(der: [UInt8]) {
        guard let presented = PresentedCertificate(der: der) else { return nil }
        self.init(presented)
    }

    /// Nil when it cannot be a session certificate.
    package init?(_ presented: PresentedCertificate) {
        // What is said besides would go unseen.
        let names = presented.names
        guard names.uris.count <= 1, names.dns.isEmpty && names.ips.isEmpty && names.emails.isEmpty,
            presented.commonName != nil || !names.isEmpty
        else { return nil }
        serial = presented.serial.hexadecimal
        commonName = presented.commonName
        identityName = names.uris.first?.text
        digest = Array(SHA256.hash(data: presented.der))
    }
}

/// The one way in for every endpoint that is not public: a session certificate, proven in the TLS handshake.
///
/// Record and certificate vouch for each other: whoever can write the database cannot give a session to another person,
/// whose name the service CA has not signed; whoever has the service CA's key cannot make a session that is not on record.
package struct SessionAuthenticator: Sendable {
    private let store: any Store
    private let users: UserDirectory
    private let providers: ProviderDirectory
    private let uses: LastUses
    private let clock: any WallClock

    package init(
        store: any Store, users: UserDirectory, providers: ProviderDirectory, uses: LastUses, clock: any WallClock
    ) {
        self.store = store
        self.users = users
        self.providers = providers
        self.uses = uses
        self.clock = clock
    }

    package func authenticated(
        _ certificate: ClientCertificate?, address: String?
    ) async throws -> (identity: Identity, session: SessionRecord) {
        guard let certificate else { throw AuthenticationError.noCertificate }
        guard let session = try await store.session(serial: certificate.serial),
            session.certificateDigest == certificate.digest, session.user == certificate.commonName,
            session.identity?.name == certificate.identityName || certificate.isOfSecondFactor && session.identity == nil
        else { throw AuthenticationError.unknownSession }
        guard session.endedAt == nil else { throw AuthenticationError.sessionEnded }
        guard session.isVouched(at: clock.now) else { throw AuthenticationError.providerSilent(session.provider) }
        guard session.isActive(at: clock.now) else { throw AuthenticationError.sessionExpired }
        let identity = try identity(of: session, hasSecondFactor: certificate.isOfSecondFactor, address: address)
        try await uses.note(session, from: address, at: clock.now)
        return (identity, session)
    }

    /// Whether who opened the session may still act, as files and configuration have it now.
    package func stillKnows(_ session: SessionRecord) -> Bool {
        (try? identity(of: session, hasSecondFactor: false, address: nil)) != nil
    }

    /// The SSH keys of the person, where the user file has them.
    package func keys(of session: SessionRecord) -> [SSHPublicKey] {
        guard session.identity == nil, let name = session.user else { return [] }
        return users.user(named: name)?.keys ?? []
    }

    private func identity(
        of session: SessionRecord, hasSecondFactor: Bool, address: String?
    ) throws -> Identity {
        guard let kept = session.identity else {
            guard let name = session.user, let user = users.user(named: name) else { throw AuthenticationError.userRemoved }
            return users.identity(
                of: user, authenticatedAt: session.createdAt, hasSecondFactor: hasSecondFactor, address: address)
        }
        let identity = try kept.identity(from: address.flatMap { IPAddress($0) })
        guard identity.provider == session.provider, identity.user == session.user else {
            throw AuthenticationError.unknownSession
        }
        guard let current = providers.current(identity, beside: users) else {
            throw AuthenticationError.providerRemoved(identity.provider)
        }
        return current
    }
}

package enum AuthenticationError: Error, Equatable, CustomStringConvertible {
    case noCertificate
    /// Where the certificate of a machine is asked for, and nothing else counts.
    case noMachine
    /// Signed by the service CA but no session on record.
    case unknownSession
    case sessionEnded
    case sessionExpired
    /// It went unused for longer than `session_idle`.
    case sessionIdle
    case userRemoved
    case providerRemoved(String)
    /// It could not be asked in time whether the person is still who they were.
    case providerSilent(String)
    /// What is wrong with the token that stands in for a session.
    case token(ProviderLoginError)

    package var description: String {
        switch self {
        case .noCertificate: "this needs a session"
        case .noMachine: "this needs the certificate of a machine"
        case .unknownSession: "the client certificate belongs to no session"
        case .sessionEnded: "the session was ended"
        case .sessionExpired: "the session has expired"
        case .sessionIdle: "the session went unused for too long"
        case .userRemoved: "the user is no longer in the user file"
        case .providerRemoved(let name): "identity provider `\(name)` no longer vouches for this session"
        case .providerSilent(let name):
            "the session is over: identity provider `\(name)` could not be asked in time whether it may go on"
        case .token(let error): error.description
        }
    }
}
