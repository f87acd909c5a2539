// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Who asks, as proven by an identity provider.
package struct Identity: Hashable, Sendable {
    package var provider: String
    /// As the provider writes it, for instance `ana@example.com`. Workloads have none.
    package var user: String?
    /// The Unix login, for `{user.login}`.
    package var login: String?
    package var groups: Known<Set<String>>
    package var claims: Known<[String: ClaimValue]>
    package var mfa: Known<Bool>
    /// When the person last proved to the provider who they are.
    package var authenticatedAt: Known<Date>
    /// Where the request comes from.
    package var address: IPAddress?

    package init(
        provider: String, user: String? = nil, login: String? = nil, groups: Known<Set<String>>,
        claims: Known<[String: ClaimValue]>, mfa: Known<Bool>, authenticatedAt: Known<Date> = .unknown,
        address: IPAddress? = nil
    ) {
        self.provider = provider
        self.user = user
        self.login = login
        self.groups = groups
        self.claims = claims
        self.mfa = mfa
        self.authenticatedAt = authenticatedAt
        self.address = address
    }

    /// What follows the one `@` of `user`.
    var domain: String? { user.flatMap { Self.domain(of: $0) } }

    static func domain(of user: String) -> String? {
        let parts = user.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty ? String(parts[1]) : nil
    }
}

/// What the provider said, or that it did not say what it should have. Unknown is false in `allow` and true in `deny`.
package enum Known<Value: Hashable & Sendable>: Hashable, Sendable {
    case known(Value)
    case unknown
}

package enum ClaimValue: Hashable, Sendable {
    case string(String)
    case bool(Bool)
    case int(Int)
    /// Equals a wanted value when one of its members does.
    case list([ClaimValue])
    /// The provider says that there is none. A claim it does not mention at all is unknown.
    case absent
}

extension ClaimValue: CustomStringConvertible {
    package var description: String {
        switch self {
        case .string(let text): "`\(text)`"
        case .bool(let flag): "`\(flag)`"
        case .int(let number): "`\(number)`"
        case .list(let members): "[" + members.map(\.description).joined(separator: ", ") + "]"
        case .absent: "absent"
        }
    }
}
