// SPDX-License-Identifier: Apache-2.0

/// Dense serials of one SSH CA key, taken from the store in blocks so that issuing does not wait for it each time.
/// What is left of a block when the process ends is never used: serials stay unique, and almost without gaps.
package actor SSHSerials {
    private let store: any Store
    private let issuer: String
    private var blocks: [Range<UInt64>] = []

    private static let blockSize: UInt64 = 256

    package init(store: any Store, issuer: String) {
        self.store = store
        self.issuer = issuer
    }

    package func next() async throws -> UInt64 {
        if blocks.isEmpty {
            // Callers that meet here each fetch a block; all of them are used.
            let block = try await store.allotSerials(Self.blockSize, issuer: issuer)
            blocks.append(block)
        }
        let serial = blocks[0].lowerBound
        blocks[0] = (serial + 1)..<blocks[0].upperBound
        if blocks[0].isEmpty { blocks.removeFirst() }
        return serial
    }
}
