// SPDX-License-Identifier: Apache-2.0

import struct FoundationEssentials.Date

/// The seconds in which a certificate is accepted, the last one included (RFC 5280 §4.1.2.5).
struct Validity: Hashable {
    let notBefore: CertificateTime
    let notAfter: CertificateTime

    init(notBefore: Date, notAfter: Date) throws(ProfileError) {
        guard let notBefore = CertificateTime(notBefore), let notAfter = CertificateTime(notAfter) else { throw .time }
        guard notBefore <= notAfter else { throw .endsBeforeItBegins }
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    init(notBefore: CertificateTime, notAfter: CertificateTime) {
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    func contains(_ other: Validity) -> Bool {
        notBefore <= other.notBefore && other.notAfter <= notAfter
    }

    var encoded: [UInt8] { element(.sequence, notBefore.encoded, notAfter.encoded) }
}
