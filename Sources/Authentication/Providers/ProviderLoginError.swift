// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import OpenIDConnect

/// Why a login with an identity provider failed, or has not succeeded yet.
package enum ProviderLoginError: Error, Equatable, CustomStringConvertible {
    case unknownProvider(known: [String])
    /// No provider has both its issuer and its audience.
    case tokenOfNone(known: [String])
    case notForPeople(String)
    case notForWorkloads(String)
    case deviceFlowRefused(String)
    /// Not the one port the provider knows.
    case otherPort(String)
    case loginInvalid
    case loginExpired
    case loginAlreadyUsed
    /// Its provider has said so before the session was open.
    case loginEnded(String)
    /// The person has not said yes on their other device.
    case pending
    case slowDown
    case token(String, TokenError)
    /// So that nobody knows whose it is.
    case unreadableToken(TokenError)
    case identity(String, IdentityError)
    case provider(String, ProviderError)
    /// Found before anybody was sent there.
    /// - Parameter others: providers of people of which that is not known.
    case down(String, ProviderError, since: Date, others: [String])
    /// - Parameter code: of RFC 6749 §5.2 or RFC 8628 §3.5.
    case refusedByProvider(String, code: String)
    case sessionIdentityTooLarge(String)

    /// A token that was taken already.
    package static func usedBefore(_ provider: String) -> ProviderLoginError { .token(provider, .alreadyUsed) }

    package var description: String {
        switch self {
        case .unknownProvider(let known):
            known.isEmpty
                ? "this server has no such identity provider"
                : "there is no such identity provider; known are \(Self.list(known))"
        case .tokenOfNone(let known):
            known.isEmpty
                ? "this server has no identity provider of such tokens"
                : "issuer and audience of the token are not those of one identity provider; known are \(Self.list(known))"
        case .notForPeople(let name): "identity provider `\(name)` is for workloads"
        case .notForWorkloads(let name): "identity provider `\(name)` is for people"
        case .deviceFlowRefused(let name): "identity provider `\(name)` may not be used for logins by device"
        case .otherPort(let name): "identity provider `\(name)` sends browsers back to another port"
        case .loginInvalid: "the login was not begun with this server by this session key"
        case .loginExpired: "the login took too long"
        case .loginAlreadyUsed: "the login was completed already"
        case .loginEnded(let name): "identity provider `\(name)` has ended the login"
        case .pending: "the login was not approved yet"
        case .slowDown: "the provider asks to be asked less often"
        case .token(let name, let error): "the token of identity provider `\(name)` is refused: \(error)"
        case .unreadableToken(let error): "the token is refused: \(error)"
        case .identity(let name, .requirementUnmet(let claim)):
            "the token of identity provider `\(name)` is refused: \(IdentityError.requirementUnmet(claim: claim))"
        case .identity(let name, let error): "identity provider `\(name)` is not taken at its word: \(error)"
        case .provider(let name, let error): "identity provider `\(name)`: \(error)"
        case .down(let name, let error, let since, _):
            "identity provider `\(name)` is down since \(since.formatted(.iso8601)): \(error)"
        case .refusedByProvider(let name, let code): "identity provider `\(name)` refused the login: `\(code)`"
        case .sessionIdentityTooLarge(let name): "identity provider `\(name)` says too much about you"
        }
    }

    package var hint: String? {
        switch self {
        case .unknownProvider, .tokenOfNone: "providers are declared in `mayfly.yaml`"
        case .notForPeople: "bring a token with `--token-file`"
        case .notForWorkloads: "log in with `--provider`, without `--token-file`"
        case .deviceFlowRefused: "log in where there is a browser; `device_flow: allowed` in `mayfly.yaml` would permit it"
        case .otherPort: "`GET /v1/login/providers` says which one"
        case .loginInvalid, .loginExpired, .loginAlreadyUsed, .loginEnded: "log in again"
        case .pending, .slowDown: nil
        case .token(_, .alreadyUsed): "get a new token for each login"
        case .unreadableToken: "bring the token as it was given, and nothing else"
        case .token, .identity: "an administrator can compare it with what `mayfly.yaml` declares of this provider"
        case .refusedByProvider: "log in again"
        case .down(_, _, _, let others) where !others.isEmpty:
            "log in with \(others.map { "`--provider \($0)`" }.joined(separator: " or ")) if that knows you too; else try again: "
                + Self.mending
        case .provider(_, .refused(let code)) where Self.isOfClient(code):
            "an administrator must make `client_id`, the client secret and `scopes` in `mayfly.yaml` those that the provider knows"
        case .provider, .down: "log in another way meanwhile, or try again: " + Self.mending
        case .sessionIdentityTooLarge: "an administrator can declare fewer `groups` or `claims` of this provider"
        }
    }

    /// Whether a code of RFC 6749 §5.2 says what is wrong with us, and not with the person or the provider.
    private static func isOfClient(_ code: String) -> Bool {
        ["invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type"].contains(code)
    }

    private static func list(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }

    private static let mending =
        "it is looked for every ten seconds; administrators see in `mayfly status` since when, and mend it there or in `mayfly.yaml`"
}
