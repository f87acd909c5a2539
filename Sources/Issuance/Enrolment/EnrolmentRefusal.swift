// SPDX-License-Identifier: Apache-2.0

/// Why a host or a machine does not get what it asks for, before any policy is asked, or because something came between.
package enum EnrolmentRefusal: Error, Equatable {
    case tokenUnknown
    case tokenExpired
    case tokenUsed
    case tokenForOtherKind
    case tokenForOtherName(String)
    case tokenForOtherRole(String)
    case certificateInvalid(String)
    case certificateExpired
    case certificateRevoked

    // Hosts
    /// A token for a pattern does not take over the name of another key.
    case nameTaken(String)
    case signatureInvalid
    /// Seconds by which the clock of the host is ahead of ours.
    case clockDiffers(Int)
    case requestRepeated
    case notEnrolled(String)
    case tooManyReports

    // Machines
    case noName
    case certificateForOtherName(String)
    case certificateForOtherRole(String)
    /// A certificate that came of the same token was revoked.
    case enrolmentEnded
    /// Another key was certified since; only that one renews.
    case keyReplaced
}

extension EnrolmentRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tokenUnknown: "there is no such enrolment token"
        case .tokenExpired: "the enrolment token has expired"
        case .tokenUsed: "the enrolment token was used already"
        case .tokenForOtherKind: "the enrolment token is for another kind of certificate"
        case .tokenForOtherName(let name): "the enrolment token is not for `\(name)`"
        case .tokenForOtherRole(let role): "the enrolment token is not for role `\(role)`"
        case .certificateInvalid(let reason): "the certificate that was shown cannot be renewed: \(reason)"
        case .certificateExpired: "the certificate that was shown has expired"
        case .certificateRevoked: "the certificate that was shown was revoked"
        case .nameTaken(let host): "`\(host)` is enrolled with another key"
        case .signatureInvalid: "the signature of the host key does not verify"
        case .clockDiffers(let seconds):
            "the clock of the host is \(abs(seconds)) seconds \(seconds > 0 ? "ahead of" : "behind") that of the server"
        case .requestRepeated: "this very request was answered before"
        case .notEnrolled(let host): "`\(host)` is not enrolled with this key"
        case .tooManyReports: "this host reports too often, or out of order"
        case .noName: "a machine asks for at least one DNS name or address, and for no other names"
        case .certificateForOtherName(let name): "the certificate that was shown is not for `\(name)`"
        case .certificateForOtherRole(let role): "the certificate that was shown is not for role `\(role)`"
        case .enrolmentEnded: "the enrolment has ended: a certificate that came of the same token was revoked"
        case .keyReplaced: "another key was certified in this enrolment since, and only that one renews"
        }
    }

    package var hint: String {
        switch self {
        case .tokenUnknown, .tokenExpired, .tokenUsed, .tokenForOtherKind, .tokenForOtherName, .tokenForOtherRole:
            "whoever may create tokens makes a new one with `mayfly token create`"
        case .nameTaken: "remove the old host with `mayfly host remove`, or make a token for exactly this name"
        case .signatureInvalid, .requestRepeated, .tooManyReports: "ask again"
        case .clockDiffers: "set the clock of the host"
        case .noName, .certificateForOtherName, .certificateForOtherRole:
            "a renewal has role and names of the certificate before it; others need a token from `mayfly token create`"
        case .certificateInvalid, .certificateExpired, .certificateRevoked, .notEnrolled, .enrolmentEnded:
            "enrol again, with a token from `mayfly token create`"
        case .keyReplaced:
            "if nobody replaced the key here, it was stolen: end the enrolment with `mayfly revoke --enrolment`, and enrol again"
        }
    }
}
