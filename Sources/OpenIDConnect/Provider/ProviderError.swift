// SPDX-License-Identifier: Apache-2.0

/// What an identity provider did not do. None of it ever carries a token, a code or a secret.
package enum ProviderError: Error, Equatable, CustomStringConvertible {
    /// Not `https`, or not an address at all.
    case addressRefused(String)
    case unreachable(Document)
    case tooSlow(Document)
    case tooLarge(Document, limit: Int)
    case redirected(Document)
    case status(Document, Int)
    case documentInvalid(Document, String)
    /// An error code of RFC 6749 §5.2 or RFC 8628 §3.5.
    case refused(String)
    case unsupported(String)

    package enum Document: String, Sendable {
        case configuration = "configuration"
        case keys = "key set"
        case token = "token endpoint"
        case userInfo = "userinfo endpoint"
        case device = "device authorization endpoint"
        case revocation = "revocation endpoint"
    }

    package var description: String {
        switch self {
        case .addressRefused(let what): what
        case .unreachable(let document): "its \(document.rawValue) cannot be reached"
        case .tooSlow(let document): "its \(document.rawValue) did not answer in time"
        case .tooLarge(let document, let limit): "its \(document.rawValue) answered with more than \(limit) bytes"
        case .redirected(let document): "its \(document.rawValue) leads elsewhere, and redirects are not followed"
        case .status(let document, let status): "its \(document.rawValue) answered with status \(status)"
        case .documentInvalid(let document, let reason): "what its \(document.rawValue) says is not valid: \(reason)"
        case .refused(let code): "it refused: `\(code)`"
        case .unsupported(let what): "it does not support \(what)"
        }
    }
}
