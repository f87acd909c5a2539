// SPDX-License-Identifier: Apache-2.0

/// A JWT in compact serialization (RFC 7515 §7.1), taken apart and not yet believed.
struct SignedToken: Sendable {
    let text: String
    let algorithm: TokenAlgorithm
    /// Which key of the issuer signed it; nil where the issuer has but one.
    let keyID: String?
    let claims: [String: JSONValue]

    /// Room for an ID token of somebody in a few hundred groups.
    static let maximumBytes = 16 * 1024

    /// What a token is for, as far as its header says.
    enum Kind: Sendable {
        case identity
        /// OpenID Connect Back-Channel Logout §2.4.
        case logout

        /// Of `typ`, in capitals.
        fileprivate var types: Set<String> {
            switch self {
            case .identity: ["JWT"]
            case .logout: ["JWT", "LOGOUT+JWT"]
            }
        }
    }

    /// - Throws: `TokenError` for whatever is no JWT of a kind that is accepted here.
    init(parsing text: String, _ kind: Kind = .identity) throws(TokenError) {
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLong(limit: Self.maximumBytes) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[2].isEmpty, let header = Base64URL.decode(parts[0]),
            let payload = Base64URL.decode(parts[1]), Base64URL.decode(parts[2]) != nil
        else { throw .notAToken }
        let fields = try Self.object(header)
        // RFC 8725 §3.11: an access token or a logout token of the same issuer says so here.
        if let type = fields["typ"] {
            guard let type = type.string, kind.types.contains(type.uppercased()) else { throw .otherType }
        }
        // RFC 7515 §4.1.11: whoever does not understand what is critical must refuse, and nothing is understood here.
        guard fields["crit"] == nil, fields["b64"] == nil else { throw .criticalHeader }
        guard let name = fields["alg"]?.string, let algorithm = TokenAlgorithm(rawValue: name) else {
            throw .algorithmNotAllowed
        }
        if let keyID = fields["kid"] {
            guard let text = keyID.string, text.utf8.count <= 256 else { throw .notAToken }
            self.keyID = text
        } else {
            keyID = nil
        }
        self.text = text
        self.algorithm = algorithm
        claims = try Self.object(payload)
    }

    /// What the signature covers. A token is known by this: the signature itself can be written in more than one way.
    var signedText: Substring { text[..<(text.lastIndex(of: ".") ?? text.endIndex)] }

    private static func object(_ bytes: [UInt8]) throws(TokenError) -> [String: JSONValue] {
        do {
            return try JSONReader.object(bytes)
        } catch .duplicate(let name) {
            throw .duplicateMember(String(name.prefix(64)))
        } catch {
            throw .notAToken
        }
    }
}
