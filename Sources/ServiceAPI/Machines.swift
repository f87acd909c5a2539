// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// One line of the list of machines: one enrolment, and its newest certificate.
package struct MachineSummary: Codable, Sendable {
    /// Id of the token it enrolled with.
    package var enrolment: String
    package var enrolledAt: Date
    package var role: String
    /// Subject and alternative names, such as `DNS:web1.example.com`.
    package var names: [String]
    /// `SHA256:…` of its key.
    package var publicKey: String
    /// `SHA256:…` of the issuing CA key.
    package var issuer: String
    package var serial: String
    package var issuedAt: Date
    package var validBefore: Date
    /// A certificate of the enrolment was revoked: nothing of it is renewed.
    package var hasEnded: Bool

    package init(
        enrolment: String, enrolledAt: Date, role: String, names: [String], publicKey: String, issuer: String, serial: String,
        issuedAt: Date, validBefore: Date, hasEnded: Bool
    ) {
        (self.enrolment, self.enrolledAt, self.role, self.names) = (enrolment, enrolledAt, role, names)
        (self.publicKey, self.issuer, self.serial) = (publicKey, issuer, serial)
        (self.issuedAt, self.validBefore, self.hasEnded) = (issuedAt, validBefore, hasEnded)
    }

    enum CodingKeys: String, CodingKey {
        case enrolment, role, names, issuer, serial
        case enrolledAt = "enrolled_at"
        case publicKey = "public_key"
        case issuedAt = "issued_at"
        case validBefore = "valid_before"
        case hasEnded = "has_ended"
    }
}

/// A page of the machines, by enrolment. `next` is the `after` of the following page.
package struct MachineList: Codable, Sendable {
    package var machines: [MachineSummary]
    package var next: String?

    package init(machines: [MachineSummary], next: String?) {
        (self.machines, self.next) = (machines, next)
    }
}
