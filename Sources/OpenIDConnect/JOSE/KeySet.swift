// SPDX-License-Identifier: Apache-2.0

/// The public keys of an issuer (JWK Set, RFC 7517 §5). Keys that are not accepted here are passed over.
struct KeySet: Sendable {
    private let keys: [VerificationKey]

    private static let mostKeys = 64

    /// - Throws: `ProviderError.documentInvalid`
    init(parsing document: [String: JSONValue]) async throws(ProviderError) {
        guard case .array(let members) = document["keys"] else { throw .documentInvalid(.keys, "it has no `keys`") }
        guard members.count <= Self.mostKeys else {
            throw .documentInvalid(.keys, "it has more than \(Self.mostKeys) keys")
        }
        var keys: [VerificationKey] = []
        for member in members {
            guard let object = member.object, let key = await VerificationKey(object) else { continue }
            keys.append(key)
        }
        self.keys = keys
    }

    /// The key that the token names, or the only one it could mean. Of two keys with the same name neither counts.
    func key(of token: SignedToken) -> VerificationKey? {
        let fitting = keys.filter { $0.algorithm == token.algorithm && (token.keyID == nil || $0.keyID == token.keyID) }
        return fitting.count == 1 ? fitting.first : nil
    }
}
