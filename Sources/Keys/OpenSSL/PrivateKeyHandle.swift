// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// Owns one `EVP_PKEY` reference.
///
/// Safety: the key is never changed after `init` and libcrypto counts references atomically, so threads may share it.
@safe final class PrivateKeyHandle: @unchecked Sendable {
    private let key: OpaquePointer

    init(takingOwnershipOf key: OpaquePointer) { unsafe self.key = key }

    deinit { unsafe EVP_PKEY_free(key) }

    func withPointer<Value>(_ body: (OpaquePointer) throws(OpenSSLError) -> Value) throws(OpenSSLError) -> Value {
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(key)
    }
}

extension PrivateKeyHandle {
    convenience init(generating algorithm: KeyAlgorithm) throws(OpenSSLError) {
        let name = algorithm.keyType
        let context = try unsafe libcrypto("EVP_PKEY_CTX_new_from_name") {
            unsafe EVP_PKEY_CTX_new_from_name(nil, name, nil)
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        try libcrypto("EVP_PKEY_keygen_init") { unsafe EVP_PKEY_keygen_init(context) }
        if let group = algorithm.curve {
            try libcrypto("EVP_PKEY_CTX_set_group_name") { unsafe EVP_PKEY_CTX_set_group_name(context, group) }
        }
        if let bits = algorithm.modulusBits {
            try libcrypto("EVP_PKEY_CTX_set_rsa_keygen_bits") {
                unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits)
            }
        }
        let key = try unsafe libcrypto("EVP_PKEY_generate") {
            var key: OpaquePointer?
            return unsafe EVP_PKEY_generate(context, &key) == 1 ? key : nil
        }
        unsafe self.init(takingOwnershipOf: key)
    }

    /// DER of the public half (RFC 5280 §4.1.2.7).
    func subjectPublicKeyInfo() throws(OpenSSLError) -> [UInt8] {
        try unsafe withPointer { key throws(OpenSSLError) in
            try unsafe derEncoding("i2d_PUBKEY") { unsafe i2d_PUBKEY(key, $0) }
        }
    }

    /// What libcrypto calls this key, for a refusal: `RSA, 2048 bits`, `EC, secp256k1`, `X25519`.
    func kind() throws(OpenSSLError) -> String {
        try unsafe withPointer { key throws(OpenSSLError) in
            let type = try unsafe libcrypto("EVP_PKEY_get0_type_name") { unsafe EVP_PKEY_get0_type_name(key) }
            let name = unsafe String(cString: type)
            switch name {
            case "EC": return "EC, \(unsafe groupName(key))"
            case "RSA", "RSA-PSS": return unsafe "\(name), \(EVP_PKEY_get_bits(key)) bits"
            default: return name
            }
        }
    }

    private func groupName(_ key: OpaquePointer) -> String {
        var name = [CChar](repeating: 0, count: 80)
        var length = 0
        let found: Void? = try? libcrypto("EVP_PKEY_get_group_name") {
            unsafe EVP_PKEY_get_group_name(key, &name, name.count, &length)
        }
        guard found != nil else { return "unnamed curve" }
        return String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension KeyAlgorithm {
    /// libcrypto's names for what to generate.
    fileprivate var keyType: String {
        switch self {
        case .ed25519: "ED25519"
        case .ecdsaP256, .ecdsaP384, .ecdsaP521: "EC"
        case .rsa3072, .rsa4096: "RSA"
        }
    }

    fileprivate var curve: String? {
        switch self {
        case .ecdsaP256: "P-256"
        case .ecdsaP384: "P-384"
        case .ecdsaP521: "P-521"
        case .ed25519, .rsa3072, .rsa4096: nil
        }
    }

    fileprivate var modulusBits: Int32? {
        switch self {
        case .rsa3072: 3072
        case .rsa4096: 4096
        case .ed25519, .ecdsaP256, .ecdsaP384, .ecdsaP521: nil
        }
    }
}
