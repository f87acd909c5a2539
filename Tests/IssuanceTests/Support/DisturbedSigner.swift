// SPDX-License-Identifier: Apache-2.0

import Issuance
import Synchronization

/// A CA key, with a place before each signature where a test can step in.
final class DisturbedSigner: Signer {
    let base: any Signer
    private let disturbance = Mutex<(@Sendable () throws -> Void)?>(nil)

    init(_ base: any Signer) {
        self.base = base
    }

    var subjectPublicKeyInfo: [UInt8] { base.subjectPublicKeyInfo }
    var algorithms: [SignatureAlgorithm] { base.algorithms }

    func disturb(_ action: @escaping @Sendable () throws -> Void) {
        disturbance.withLock { $0 = action }
    }

    func sign(_ message: [UInt8], with algorithm: SignatureAlgorithm) async throws -> [UInt8] {
        try disturbance.withLock { $0 }?()
        return try await base.sign(message, with: algorithm)
    }
}

struct SignerFailure: Error, Equatable {}
