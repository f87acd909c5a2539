// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

package enum SignatureEncodingError: Error, Hashable, CustomStringConvertible {
    case notOfThisKey

    package var description: String { "the signature has not the form of one by the CA's key" }
}

extension SubjectPublicKey.Kind {
    /// Whether `signature` has the form of those that such a key makes.
    func canHaveMade(_ signature: [UInt8]) -> Bool {
        switch self {
        case .ed25519: signature.count == 64
        case .rsa(let bits): signature.count == (bits + 7) / 8
        case .ecdsaP256: Self.isECDSA(signature, coordinateBytes: 32)
        case .ecdsaP384: Self.isECDSA(signature, coordinateBytes: 48)
        case .ecdsaP521: Self.isECDSA(signature, coordinateBytes: 66)
        }
    }

    /// `ECDSA-Sig-Value` (RFC 5480 appendix A): two positive integers.
    private static func isECDSA(_ signature: [UInt8], coordinateBytes: Int) -> Bool {
        let numbers = try? DER.sequence(DER.parse(signature), identifier: .sequence) { nodes in
            [try ArraySlice<UInt8>(derEncoded: &nodes), try ArraySlice<UInt8>(derEncoded: &nodes)]
        }
        return numbers?.allSatisfy { (1...coordinateBytes).contains($0.count) } ?? false
    }
}
