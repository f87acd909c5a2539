// SPDX-License-Identifier: Apache-2.0
import Issuance
import Testing

@testable import Keys

struct OpenSSLErrorTests {
    @Test func `an error names its operation and every reason, and leaves the queue empty`() throws {
        let key = try CAKey.generate(.ed25519)
        let error = try #require(throws: OpenSSLError.self) {
            // Ed25519 takes no separate hash.
            _ = try SignatureTemplate(key.handle, .ecdsaSHA256)
        }
        #expect(error.operation == "EVP_DigestSignInit_ex")
        #expect(!error.reasons.isEmpty)
        #expect(error.description.hasPrefix("libcrypto failed in `EVP_DigestSignInit_ex`: "))
        #expect(errorQueueIsEmpty)
    }

    @Test func `bytes that are no public key are refused with the queue left empty`() {
        #expect(throws: OpenSSLError.self) {
            try verifySignature([1], over: [2], with: .ed25519, by: [0x30, 0x00])
        }
        #expect(errorQueueIsEmpty)
    }
}
