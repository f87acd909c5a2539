// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// DER of `EncryptedPrivateKeyInfo` (RFC 5958 §3), encrypted by PBES2 (RFC 8018 §6.2) with AES in CBC mode.
enum EncryptedPKCS8 {
    enum Refusal: Error, Equatable {
        case malformed
        case unsupportedEncryption
        case wrongPassphrase
        case unsupportedKey(kind: String)
    }

    private static let saltBytes: Int32 = 16

    static func encrypt(
        _ key: PrivateKeyHandle, _ passphrase: borrowing Passphrase
    ) throws(OpenSSLError) -> [UInt8] {
        let plain = try unsafe plainEncoding(of: key)
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(plain) }
        let scheme = try unsafe passphrase.isRandom ? fastScheme() : slowScheme()
        // Takes ownership of `scheme` when it succeeds.
        let signature = try unsafe libcrypto("PKCS8_set0_pbe") {
            let signature = unsafe passphrase.secret.withCharacters { characters, count in
                unsafe PKCS8_set0_pbe(characters, count, plain, scheme)
            }
            if unsafe signature == nil { unsafe X509_ALGOR_free(scheme) }
            return unsafe signature
        }
        defer { unsafe X509_SIG_free(signature) }
        return try unsafe derEncoding("i2d_X509_SIG") { unsafe i2d_X509_SIG(signature, $0) }
    }

    static func decrypt(_ der: [UInt8], _ passphrase: borrowing Passphrase) throws(Refusal) -> PrivateKeyHandle {
        let envelope = try unsafe orRefuse(.malformed) { () throws(OpenSSLError) in
            try unsafe libcrypto("d2i_X509_SIG") {
                unsafe der.withUnsafeBufferPointer { buffer in
                    var next = buffer.baseAddress
                    return unsafe d2i_X509_SIG(nil, &next, buffer.count)
                }
            }
        }
        defer { unsafe X509_SIG_free(envelope) }
        // Refuses bytes after the end and encodings that are not DER.
        let canonical = try orRefuse(.malformed) { () throws(OpenSSLError) in
            try unsafe derEncoding("i2d_X509_SIG") { unsafe i2d_X509_SIG(envelope, $0) }
        }
        guard canonical == der else { throw .malformed }
        guard unsafe usesPBES2WithAES(envelope) else { throw .unsupportedEncryption }

        let plain = try unsafe decrypted(envelope, passphrase)
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(plain) }
        let key = try unsafe orRefuse(.unsupportedKey(kind: "unknown to libcrypto")) { () throws(OpenSSLError) in
            try unsafe libcrypto("EVP_PKCS82PKEY") { unsafe EVP_PKCS82PKEY(plain) }
        }
        let handle = unsafe PrivateKeyHandle(takingOwnershipOf: key)
        // CBC authenticates nothing: whoever can write the file can flip bits that libcrypto does not look at.
        let isCanonical = try orRefuse(.malformed) { () throws(OpenSSLError) in
            let encoded = try unsafe plainEncoding(of: handle)
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(encoded) }
            return try unsafe digest(plain) == digest(encoded)
        }
        guard isCanonical else { throw .malformed }
        return handle
    }

    /// Not by `PKCS8_decrypt`, which takes plain text with something after the key.
    private static func decrypted(
        _ envelope: OpaquePointer, _ passphrase: borrowing Passphrase
    ) throws(Refusal) -> OpaquePointer {
        var (algorithm, secret) = unsafe (UnsafePointer<X509_ALGOR>?.none, UnsafePointer<ASN1_OCTET_STRING>?.none)
        unsafe X509_SIG_get0(envelope, &algorithm, &secret)
        var (text, count) = unsafe (UnsafeMutablePointer<UInt8>?.none, Int32(0))
        defer {
            unsafe OPENSSL_cleanse(text, Int(count))
            unsafe CRYPTO_free(text, nil, 0)
        }
        // A wrong passphrase shows as bad padding or, once in 256 times, as broken DER in the plain text.
        return try unsafe orRefuse(.wrongPassphrase) { () throws(OpenSSLError) in
            _ = try unsafe libcrypto("PKCS12_pbe_crypt") {
                unsafe passphrase.secret.withCharacters {
                    unsafe PKCS12_pbe_crypt(
                        algorithm, $0, $1, ASN1_STRING_get0_data(secret), ASN1_STRING_length(secret), &text, &count, 0)
                }
            }
            return try unsafe libcrypto("d2i_PKCS8_PRIV_KEY_INFO") {
                var next = unsafe UnsafePointer(text)
                let plain = unsafe d2i_PKCS8_PRIV_KEY_INFO(nil, &next, Int(count))
                guard unsafe next == UnsafePointer(text?.advanced(by: Int(count))) else {
                    unsafe PKCS8_PRIV_KEY_INFO_free(plain)
                    return nil
                }
                return unsafe plain
            }
        }
    }

    private static func plainEncoding(of key: PrivateKeyHandle) throws(OpenSSLError) -> OpaquePointer {
        try unsafe key.withPointer { key throws(OpenSSLError) in
            try unsafe libcrypto("EVP_PKEY2PKCS8") { unsafe EVP_PKEY2PKCS8(key) }
        }
    }

    /// SHA-256 of the DER, so that the key itself never lies in memory that is not overwritten.
    private static func digest(_ plain: OpaquePointer) throws(OpenSSLError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        try libcrypto("ASN1_item_digest") {
            unsafe ASN1_item_digest(PKCS8_PRIV_KEY_INFO_it(), EVP_sha256(), UnsafeMutableRawPointer(plain), &digest, nil)
        }
        return digest
    }

    private static func orRefuse<Value>(
        _ refusal: @autoclosure () -> Refusal, _ body: () throws(OpenSSLError) -> Value
    ) throws(Refusal) -> Value {
        do { return try body() } catch { throw refusal() }
    }
}

extension EncryptedPKCS8 {
    /// For 256 random bits: guessing is hopeless whatever a guess costs, and start-up stays fast: 0.8 ms.
    private static func fastScheme() throws(OpenSSLError) -> UnsafeMutablePointer<X509_ALGOR> {
        // 2,048 is what `openssl genpkey -aes256` writes.
        try unsafe libcrypto("PKCS5_pbe2_set_iv") {
            unsafe PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), 2_048, nil, saltBytes, nil, NID_hmacWithSHA256)
        }
    }

    /// For what a person chose: scrypt (RFC 7914). N = 2^14, r = 8 is the most that libcrypto will do in its 32 MB when it
    /// reads the file again; p = 5 makes up for it (OWASP Password Storage Cheat Sheet: as strong as N = 2^17, p = 1).
    private static func slowScheme() throws(OpenSSLError) -> UnsafeMutablePointer<X509_ALGOR> {
        try unsafe libcrypto("PKCS5_pbe2_set_scrypt") {
            unsafe PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nil, saltBytes, nil, 1 << 14, 8, 5)
        }
    }

    private static func usesPBES2WithAES(_ envelope: OpaquePointer) -> Bool {
        var algorithm: UnsafePointer<X509_ALGOR>?
        unsafe X509_SIG_get0(envelope, &algorithm, nil)
        guard let algorithm = unsafe algorithm, unsafe OBJ_obj2nid(algorithm.pointee.algorithm) == NID_pbes2 else {
            return false
        }
        let unpacked = try? unsafe libcrypto("ASN1_TYPE_unpack_sequence") {
            unsafe ASN1_TYPE_unpack_sequence(PBE2PARAM_it(), algorithm.pointee.parameter)
        }
        guard let parameters = unsafe unpacked?.assumingMemoryBound(to: PBE2PARAM.self) else { return false }
        defer { unsafe PBE2PARAM_free(parameters) }
        let derivation = unsafe OBJ_obj2nid(parameters.pointee.keyfunc.pointee.algorithm)
        let cipher = unsafe OBJ_obj2nid(parameters.pointee.encryption.pointee.algorithm)
        return [NID_id_pbkdf2, NID_id_scrypt].contains(derivation)
            && [NID_aes_128_cbc, NID_aes_192_cbc, NID_aes_256_cbc].contains(cipher)
    }
}
