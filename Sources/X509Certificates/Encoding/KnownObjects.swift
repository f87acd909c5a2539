// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// Names for what people really send and we refuse, so that messages need no look-up.
enum KnownObjects {
    static func name(of identifier: ASN1ObjectIdentifier) -> String {
        names[identifier] ?? identifier.description
    }

    private static let names: [ASN1ObjectIdentifier: String] = [
        [1, 2, 840, 10040, 4, 1]: "DSA",
        [1, 2, 840, 113549, 1, 1, 10]: "RSASSA-PSS",
        [1, 3, 101, 110]: "X25519",
        [1, 3, 101, 111]: "X448",
        [1, 3, 101, 113]: "Ed448",
        [1, 3, 132, 0, 10]: "secp256k1",
        [1, 3, 132, 0, 33]: "P-224",
        [1, 2, 840, 10045, 3, 1, 1]: "P-192",
        [1, 3, 36, 3, 3, 2, 8, 1, 1, 7]: "brainpoolP256r1",
        [1, 2, 156, 10197, 1, 301]: "SM2",
        [1, 2, 840, 113549, 1, 1, 4]: "MD5 with RSA",
        [1, 2, 840, 113549, 1, 1, 5]: "SHA-1 with RSA",
        [1, 2, 840, 10045, 4, 1]: "ECDSA with SHA-1",
        [1, 2, 840, 10045, 4, 3, 1]: "ECDSA with SHA-224",
    ]
}
