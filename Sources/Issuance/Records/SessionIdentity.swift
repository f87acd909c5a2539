// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Crypto
import FoundationEssentials
package import Policies

/// What an identity provider said at login, kept with the session: it is not asked again for every call. The session
/// certificate carries the digest, so that whoever can write to the database cannot give somebody other groups.
package struct SessionIdentity: Sendable, Equatable {
    /// The actor of the audit log as JSON, without address and session.
    package let bytes: [UInt8]

    private static let maximumBytes = 32 * 1024

    package init(storing identity: Identity) throws(SessionIdentityError) {
        var actor = AuditEvent.Actor(identity)
        actor.address = nil
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(actor) else { throw .damaged }
        guard data.count <= Self.maximumBytes else { throw .tooLarge(limit: Self.maximumBytes) }
        bytes = Array(data)
    }

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The alternative name of the session certificate.
    package var name: String {
        "urn:mayfly:identity:" + SHA256.hash(data: bytes).hexadecimal
    }

    /// In place of it in the certificate of a local user who logged in with a second factor: signed by the service CA, so that
    /// whoever can write to the database gives nobody one.
    package static let secondFactorName = "urn:mayfly:second-factor"

    package func identity(from address: IPAddress?) throws(SessionIdentityError) -> Identity {
        guard let actor = try? JSONDecoder().decode(AuditEvent.Actor.self, from: Data(bytes)) else { throw .damaged }
        var identity = Identity(actor)
        identity.address = address
        return identity
    }
}

package enum SessionIdentityError: Error, Equatable, CustomStringConvertible {
    case tooLarge(limit: Int)
    case damaged

    package var description: String {
        switch self {
        case .tooLarge(let limit): "the provider says more than \(limit) bytes about this person"
        case .damaged: "the identity kept with the session is damaged"
        }
    }
}
