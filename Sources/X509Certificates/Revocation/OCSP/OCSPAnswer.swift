// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// What a response says about one certificate (RFC 6960 §4.2.1).
package struct OCSPAnswer: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        case good
        case revoked(at: Date, reason: RevocationReason)
        /// Not a certificate of that CA, as far as is known.
        case unknown
    }

    /// `Status` with a time that can be written.
    enum Claim: Hashable {
        case good
        case revoked(CertificateTime, RevocationReason)
        case unknown
    }

    package let certificate: CertificateID
    let claim: Claim
    let thisUpdate: CertificateTime
    let nextUpdate: CertificateTime

    /// - Parameters:
    ///   - thisUpdate: when this was known to be so.
    ///   - nextUpdate: until when it may be cached (RFC 5019 §2.2.4); after `thisUpdate`, in whole seconds both.
    package init(
        _ certificate: CertificateID, _ status: Status, thisUpdate: Date, nextUpdate: Date
    ) throws(OCSPResponseError) {
        guard let thisUpdate = CertificateTime(thisUpdate), let nextUpdate = CertificateTime(nextUpdate) else { throw .time }
        guard thisUpdate < nextUpdate else { throw .endsBeforeItBegins }
        switch status {
        case .good: claim = .good
        case .unknown: claim = .unknown
        case .revoked(let date, let reason):
            guard let time = CertificateTime(date) else { throw .time }
            guard reason != .removeFromList else { throw .reason }
            claim = .revoked(time, reason)
        }
        self.certificate = certificate
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
    }
}
