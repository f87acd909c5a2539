// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Issuance
package import Policies
import X509Certificates

/// A client certificate whose key the other end of a TLS connection proved to hold, issued by the service CA.
package struct ClientCertificate: Sendable, Equatable {
    /// As in the inventory: 32 hexadecimal digits.
    let serial: String
    let commonName: String
    /// SHA-256 of the DER.
    let digest: [UInt8]

    /// Nil when it cannot be a session certificate.
    package init?(der: [UInt8]) {
        guard let presented = PresentedCertificate(der: der), let commonName = presented.commonName else { return nil }
        serial = presented.serial.hexadecimal
        self.commonName = commonName
        digest = Array(SHA256.hash(data: der))
    }
}

/// The one way in for every endpoint that is not public: a session certificate, proven in the TLS handshake.
///
/// Record and certificate vouch for each other: whoever can write the database cannot give a session to another person,
/// whose name the service CA has not signed; whoever has the service CA's key cannot make a session that is not on record.
package struct SessionAuthenticator: Sendable {
    private let store: any Store
    private let users: UserDirectory
    private let uses: LastUses
    private let clock: any WallClock

    package init(store: any Store, users: UserDirectory, uses: LastUses, clock: any WallClock) {
        self.store = store
        self.users = users
        self.uses = uses
        self.clock = clock
    }

    package func authenticated(
        _ certificate: ClientCertificate?, address: String?
    ) async throws -> (identity: Identity, session: SessionRecord) {
        guard let certificate else { throw AuthenticationError.noCertificate }
        guard let session = try await store.session(serial: certificate.serial),
            session.certificateDigest == certificate.digest, session.user == certificate.commonName
        else { throw AuthenticationError.unknownSession }
        guard session.endedAt == nil else { throw AuthenticationError.sessionEnded }
        guard session.isActive(at: clock.now) else { throw AuthenticationError.sessionExpired }
        guard let user = users.user(named: session.user) else { throw AuthenticationError.userRemoved }
        try await uses.note(session, from: address, at: clock.now)
        return (users.identity(of: user, authenticatedAt: session.createdAt, address: address), session)
    }
}

package enum AuthenticationError: Error, Equatable, CustomStringConvertible {
    case noCertificate
    /// Signed by the service CA but no session on record.
    case unknownSession
    case sessionEnded
    case sessionExpired
    /// It went unused for longer than `session_idle`.
    case sessionIdle
    case userRemoved

    package var description: String {
        switch self {
        case .noCertificate: "this needs a session"
        case .unknownSession: "the client certificate belongs to no session"
        case .sessionEnded: "the session was ended"
        case .sessionExpired: "the session has expired"
        case .sessionIdle: "the session went unused for too long"
        case .userRemoved: "the user is no longer in the user file"
        }
    }
}
