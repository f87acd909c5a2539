// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// When the holder of a certificate asks for the next one: at about two thirds of its life. Spread over a tenth of it, so that
/// certificates that were issued together are not renewed together; always the same for one certificate, so that a restart
/// changes nothing.
/// - Parameter encoded: the certificate.
func renewalTime(from start: Date, to end: Date, of encoded: [UInt8]) -> Date {
    let digest = Array(SHA256.hash(data: encoded))
    let spread = (Double(digest[0]) * 256 + Double(digest[1])) / 65_536
    return start.addingTimeInterval(end.timeIntervalSince(start) * (2.0 / 3 - 0.05 + 0.1 * spread))
}
