// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// The curves of RFC 5656, by their name in the blob.
enum SSHCurve: String, Sendable, Hashable {
    case p256 = "nistp256"
    case p384 = "nistp384"
    case p521 = "nistp521"

    var coordinateBytes: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// An uncompressed point: 4, x, y.
    var pointBytes: Int { 1 + 2 * coordinateBytes }

    /// Whether the bytes are an uncompressed point of this curve. Compressed ones, which RFC 5656 §3.1 permits, are refused
    /// as OpenSSH does.
    func contains(_ point: [UInt8]) -> Bool {
        guard point.count == pointBytes, point.first == 4 else { return false }
        return switch self {
        case .p256: (try? P256.Signing.PublicKey(x963Representation: point)) != nil
        case .p384: (try? P384.Signing.PublicKey(x963Representation: point)) != nil
        case .p521: (try? P521.Signing.PublicKey(x963Representation: point)) != nil
        }
    }

    /// - Parameter signature: r and s, each padded to `coordinateBytes`.
    func isValidSignature(_ signature: [UInt8], by point: [UInt8], over message: [UInt8]) -> Bool {
        switch self {
        case .p256:
            guard let key = try? P256.Signing.PublicKey(x963Representation: point),
                let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: SHA256.hash(data: message))
        case .p384:
            guard let key = try? P384.Signing.PublicKey(x963Representation: point),
                let signature = try? P384.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: SHA384.hash(data: message))
        case .p521:
            guard let key = try? P521.Signing.PublicKey(x963Representation: point),
                let signature = try? P521.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: SHA512.hash(data: message))
        }
    }
}
