// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// One entry of a revocation list.
package struct RevokedCertificate: Hashable, Sendable {
    package let serial: SerialNumber
    package let reason: RevocationReason
    let time: CertificateTime

    /// - Throws: `RevocationListError.time` unless `revokedAt` is a whole second between 1950 and 9999.
    package init(
        serial: SerialNumber, revokedAt: Date, reason: RevocationReason = .unspecified
    ) throws(RevocationListError) {
        guard let time = CertificateTime(revokedAt) else { throw .time }
        self.init(serial: serial, time: time, reason: reason)
    }

    init(serial: SerialNumber, time: CertificateTime, reason: RevocationReason) {
        self.serial = serial
        self.time = time
        self.reason = reason
    }

    package var revokedAt: Date { time.date }
}
