// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Bytes that hold a secret: not copied, not printed, overwritten when they go.
///
/// Best effort: what a reader copies out, and what was copied while they were put together, is not overwritten.
package struct SecretBytes: ~Copyable, Sendable {
    /// A mutex because it alone can be changed in place in `deinit`; an array in a `let` would be copied first.
    private let bytes: Mutex<[UInt8]>

    init(_ bytes: consuming [UInt8]) { self.bytes = Mutex(bytes) }

    package func withBytes<Result, Failure: Error>(
        _ body: ([UInt8]) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes.withLock { $0 })
    }

    deinit {
        bytes.withLock { bytes in
            for index in bytes.indices { bytes[index] = 0 }
        }
    }
}
