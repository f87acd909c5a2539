// SPDX-License-Identifier: Apache-2.0

import Issuance
import Keys

/// CA keys, made once for all tests.
struct TestKeys: Sendable {
    let root: CAKey
    let issuing: CAKey
    let service: CAKey
    let users: CAKey
    let hosts: CAKey
    let log: CAKey

    static let shared = Result { try TestKeys() }

    private init() throws {
        root = try CAKey.generate(.ecdsaP384)
        issuing = try CAKey.generate(.ecdsaP256)
        service = try CAKey.generate(.ecdsaP256)
        users = try CAKey.generate(.ed25519)
        hosts = try CAKey.generate(.ed25519)
        log = try CAKey.generate(.ed25519)
    }
}
