// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Why a certificate ends early, by the names of RFC 5280 §5.3.1. Those of CAs and attribute certificates are left out.
package enum RevocationCause: String, Sendable, CaseIterable {
    case unspecified
    case keyCompromise
    case affiliationChanged
    case superseded
    case cessationOfOperation
    /// The only one that can be taken back.
    case certificateHold
    case privilegeWithdrawn
}

package struct Revocation: Sendable {
    package var issuer: String
    package var serial: String
    package var time: Date
    package var cause: RevocationCause
    package var reason: String

    package init(issuer: String, serial: String, time: Date, cause: RevocationCause = .unspecified, reason: String) {
        self.issuer = issuer
        self.serial = serial
        self.time = time
        self.cause = cause
        self.reason = reason
    }
}

/// The end of a hold: the certificate counts again.
package struct Release: Sendable {
    package var issuer: String
    package var serial: String

    package init(issuer: String, serial: String) {
        self.issuer = issuer
        self.serial = serial
    }
}

/// What a revocation list needs to know of one certificate that was revoked, held or released.
package struct RevocationChange: Sendable, Equatable {
    /// The leaf of the audit log that says so: later changes have higher ones.
    package var event: Int64
    package var kind: CertificateRecord.Kind
    package var issuer: String
    package var serial: String
    package var validBefore: Date
    /// nil: it was released.
    package var revokedAt: Date?
    package var cause: RevocationCause

    package init(
        event: Int64, kind: CertificateRecord.Kind, issuer: String, serial: String, validBefore: Date, revokedAt: Date?,
        cause: RevocationCause
    ) {
        self.event = event
        self.kind = kind
        self.issuer = issuer
        self.serial = serial
        self.validBefore = validBefore
        self.revokedAt = revokedAt
        self.cause = cause
    }
}
