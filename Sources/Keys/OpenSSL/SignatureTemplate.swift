// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Issuance

/// A signing operation that is set up once and copied for each signature.
///
/// Measured with P-256: a copy adds 1 µs to the 34 µs that the signature itself costs, setting up each time adds 10.
/// A pool of contexts would save that microsecond, but needs a lock; a template that nobody changes needs none.
///
/// Safety: after `init` the context is only read, as the source of copies.
@safe final class SignatureTemplate: @unchecked Sendable {
    private let context: OpaquePointer
    private let maximumLength: Int

    init(_ key: PrivateKeyHandle, _ algorithm: SignatureAlgorithm) throws(OpenSSLError) {
        let context = try unsafe libcrypto("EVP_MD_CTX_new") { unsafe EVP_MD_CTX_new() }
        do throws(OpenSSLError) {
            maximumLength = try unsafe key.withPointer { key throws(OpenSSLError) in
                try libcrypto("EVP_DigestSignInit_ex") {
                    unsafe EVP_DigestSignInit_ex(context, nil, algorithm.digest, nil, nil, key, nil)
                }
                return unsafe Int(EVP_PKEY_get_size(key))
            }
        } catch {
            unsafe EVP_MD_CTX_free(context)
            throw error
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    func sign(_ message: [UInt8]) throws(OpenSSLError) -> [UInt8] {
        defer { withExtendedLifetime(self) {} }
        let copy = try unsafe libcrypto("EVP_MD_CTX_new") { unsafe EVP_MD_CTX_new() }
        defer { unsafe EVP_MD_CTX_free(copy) }
        try libcrypto("EVP_MD_CTX_copy_ex") { unsafe EVP_MD_CTX_copy_ex(copy, context) }
        return try libcrypto("EVP_DigestSign") {
            let signature = unsafe [UInt8](unsafeUninitializedCapacity: maximumLength) { buffer, count in
                var length = maximumLength
                let result = unsafe EVP_DigestSign(copy, buffer.baseAddress, &length, message, message.count)
                count = result == 1 ? length : 0
            }
            return signature.isEmpty ? nil : signature
        }
    }
}

/// Succeeds only if `signature` over `message` verifies under the key in `subjectPublicKeyInfo`.
func verifySignature(
    _ signature: [UInt8], over message: [UInt8], with algorithm: SignatureAlgorithm, by subjectPublicKeyInfo: [UInt8]
) throws(OpenSSLError) {
    let key = try unsafe libcrypto("d2i_PUBKEY") {
        unsafe subjectPublicKeyInfo.withUnsafeBufferPointer { buffer in
            var next = buffer.baseAddress
            return unsafe d2i_PUBKEY(nil, &next, buffer.count)
        }
    }
    defer { unsafe EVP_PKEY_free(key) }
    let context = try unsafe libcrypto("EVP_MD_CTX_new") { unsafe EVP_MD_CTX_new() }
    defer { unsafe EVP_MD_CTX_free(context) }
    try libcrypto("EVP_DigestVerifyInit_ex") {
        unsafe EVP_DigestVerifyInit_ex(context, nil, algorithm.digest, nil, nil, key, nil)
    }
    try libcrypto("EVP_DigestVerify") {
        unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count)
    }
}

extension SignatureAlgorithm {
    /// libcrypto's name of the hash. Ed25519 brings its own. RSA keys sign with PKCS #1 v1.5 padding unless told otherwise.
    fileprivate var digest: String? {
        switch self {
        case .ed25519: nil
        case .ecdsaSHA256, .rsaSHA256: "SHA256"
        case .ecdsaSHA384: "SHA384"
        case .ecdsaSHA512, .rsaSHA512: "SHA512"
        }
    }
}
