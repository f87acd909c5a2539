// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// What ties a response to its request: 1 to 128 bytes of the client's choice (RFC 9654 §2.1).
package struct OCSPNonce: Hashable, Sendable {
    package static let byteCounts = 1...128

    package let bytes: [UInt8]

    /// - Returns: nil unless there are 1 to 128 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard Self.byteCounts.contains(bytes.count) else { return nil }
        self.bytes = Array(bytes)
    }

    /// - Parameter value: of the extension: an OCTET STRING within the OCTET STRING.
    /// - Throws: `OCSPRequestError.nonceLength` or an error of the encoding.
    init(extensionValue value: ArraySlice<UInt8>) throws {
        guard let nonce = OCSPNonce(try DER.parse(value).primitive(.octetString)) else { throw OCSPRequestError.nonceLength }
        self = nonce
    }
}
