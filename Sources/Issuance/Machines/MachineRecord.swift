// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// A machine that enrolled, and the certificate it has now.
package struct MachineRecord: Sendable, Equatable {
    /// Its newest certificate, which names the enrolment.
    package let newest: CertificateRecord
    /// Id of the token it enrolled with.
    package let enrolment: String
    /// When the first certificate of the enrolment was issued.
    package let enrolledAt: Date
    /// A certificate of the enrolment was revoked: nothing of it is renewed.
    package let isEnded: Bool

    package init(newest: CertificateRecord, enrolment: String, enrolledAt: Date, isEnded: Bool) {
        self.newest = newest
        self.enrolment = enrolment
        self.enrolledAt = enrolledAt
        self.isEnded = isEnded
    }

    /// A machine that has had no valid certificate for so many seconds is gone.
    static let remembered: Double = 30 * 86_400
}
