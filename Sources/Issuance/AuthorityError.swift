// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Why the authority could not do what it was asked, apart from a policy's "no", which is a `Denial`.
package enum AuthorityError: Error, Equatable, CustomStringConvertible {
    case keyMismatch(certificate: String)
    case lintFailed(String)
    case roleNeeded(candidates: [String])
    case idempotencyKeyReused
    case replyNoLongerValid(serial: String)
    case sessionEnded
    case personNoLongerKnown
    case clockWentBack(lastEvent: Date)
    case caExpired(String)
    case sessionNotFound(serial: String)
    case certificateNotFound(serial: String)
    case serialIsAmbiguous(kinds: [String])
    case alreadyRevoked(serial: String)
    case alreadyExpired(serial: String)
    case nothingSelected
    case notHeld(serial: String)
    case noHostRole(String)
    case noMachineRole(String)
    case tokenNames(most: Int)
    case tokenLifetime(longest: Duration)
    case hostNotFound(String)
    case tokenNotFound(id: String)
    case tokenUsedAlready(id: String)

    package var description: String {
        switch self {
        case .keyMismatch(let certificate): "the certificate `\(certificate)` does not belong to its private key"
        case .lintFailed(let what): "the linter refused the certificate: \(what)"
        case .roleNeeded(let candidates): "several roles give this: \(candidates.joined(separator: ", "))"
        case .idempotencyKeyReused: "this idempotency key was used for another request"
        case .replyNoLongerValid(let serial): "certificate \(serial), issued for this idempotency key, is no longer valid"
        case .sessionEnded: "the session has ended"
        case .personNoLongerKnown: "the identity provider no longer knows this person"
        case .clockWentBack(let lastEvent):
            "the server's clock stands before its last event of \(lastEvent.formatted(.iso8601))"
        case .caExpired(let name): "the CA certificate `\(name)` has expired"
        case .sessionNotFound(let serial): "there is no open session with serial `\(serial)`"
        case .certificateNotFound(let serial): "there is no certificate with serial `\(serial)`"
        case .serialIsAmbiguous(let kinds): "this serial exists for several kinds: \(kinds.joined(separator: ", "))"
        case .alreadyRevoked(let serial): "certificate \(serial) is revoked already"
        case .alreadyExpired(let serial): "certificate \(serial) has expired already"
        case .nothingSelected: "nothing says which certificates are meant"
        case .notHeld(let serial): "certificate \(serial) is not held; a revocation cannot be taken back"
        case .noHostRole(let role): "there is no role `\(role)` that gives SSH host certificates"
        case .noMachineRole(let role): "there is no role `\(role)` that gives X.509 certificates"
        case .tokenNames(let most): "an enrolment token is for one host, or for 1 to \(most) names of a machine"
        case .tokenLifetime(let longest):
            "an enrolment token lives between a second and \(longest.components.seconds / 86_400) days"
        case .hostNotFound(let name): "there is no enrolled host `\(name)`"
        case .tokenNotFound(let id): "there is no enrolment token `\(id)` that could still be used"
        case .tokenUsedAlready(let id): "enrolment token `\(id)` was used already"
        }
    }
}
