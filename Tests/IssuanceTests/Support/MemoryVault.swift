// SPDX-License-Identifier: Apache-2.0

import Keys
import Synchronization

@testable import Issuance

/// CA keys in memory: those a test CA begins with, and those that are made.
final class MemoryVault: KeyVault {
    private struct State {
        var made: [any Signer] = []
        var published: [SigningKeys] = []
        var isLocked = false
    }

    struct Locked: Error {}

    private let first: [CAKeyPurpose: any Signer]
    private let state = Mutex(State())

    init(_ first: [CAKeyPurpose: any Signer]) {
        self.first = first
    }

    var lastPublished: SigningKeys? { state.withLock { $0.published.last } }

    /// From now on no key can be used.
    func lock() { state.withLock { $0.isLocked = true } }

    func makeKey(for purpose: CAKeyPurpose) throws -> any Signer {
        let key = try CAKey.generate(purpose == .issuing ? .ecdsaP256 : .ed25519)
        try state.withLock { state in
            if state.isLocked { throw Locked() }
            state.made.append(key)
        }
        return key
    }

    func key(for purpose: CAKeyPurpose, subjectPublicKeyInfo: [UInt8]) throws -> any Signer {
        let known = try state.withLock { state in
            if state.isLocked { throw Locked() }
            return state.made
        }
        guard let key = (known + first.values).first(where: { $0.subjectPublicKeyInfo == subjectPublicKeyInfo }) else {
            throw KeyError.missing(path: purpose.rawValue)
        }
        return key
    }

    func firstKey(for purpose: CAKeyPurpose) throws -> any Signer {
        guard let key = first[purpose] else { throw KeyError.missing(path: purpose.rawValue) }
        return key
    }

    func publish(_ keys: SigningKeys) {
        state.withLock { $0.published.append(keys) }
    }
}
