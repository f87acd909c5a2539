// SPDX-License-Identifier: Apache-2.0

package import OpenIDConnect
package import Policies

/// What an administrator declares of an identity provider: whom it may name and what it supplies. What it says beyond that
/// counts for nothing.
package struct ProviderDeclaration: Sendable, Equatable {
    package var name: String
    package var issuer: ProviderURL
    package var kind: Kind
    /// Claims that are kept for policies, by name. A dot leads into an object: `kubernetes.io.namespace`.
    package var claims: [String] = []
    /// How long a session lasts at most; nil for the ceiling of the installation.
    package var session: Duration?

    package enum Kind: Sendable, Equatable {
        case people(People)
        case workload(Workload)
    }

    package struct People: Sendable, Equatable {
        package var clientID: String
        /// The user names it may assert end in `@` and one of these.
        package var domains: [String]
        package var groups: [GroupPattern] = []
        /// The claim with the groups; nil for a provider that has none.
        package var groupsClaim: String?
        /// With `email`, `email_verified` must be true as well.
        package var userClaim = "email"
        /// The claim with the login on servers.
        package var loginClaim: String?
        package var scopes = ["email"]
        package var allowsDeviceFlow = false
        /// Whether claims that the ID token lacks are taken from userinfo.
        package var asksUserInfo = false
        /// Values of `amr` (RFC 8176) and `acr` that mean a second factor.
        package var mfaMethods: Set<String> = ["mfa"]
        package var mfaContexts: Set<String> = []
        /// The one port browsers may be sent back to, for providers that want the whole address; nil for any (RFC 8252 §7.3).
        package var redirectPort: Int?
        /// How long ago the person may have proven themselves, in seconds.
        package var maximumAge: Int?
        /// Nil where what it said at login counts until the session ends.
        package var recheck: Recheck?

        package init(clientID: String, domains: [String]) {
            self.clientID = clientID
            self.domains = domains
        }
    }

    /// How fresh what a provider said must be. Seconds.
    package struct Recheck: Sendable, Equatable {
        package var interval: Double
        /// How long a session goes on while the provider does not answer.
        package var grace: Double

        package init(interval: Double, grace: Double) {
            self.interval = interval
            self.grace = grace
        }
    }

    package struct Workload: Sendable, Equatable {
        /// What tokens must name as their one audience.
        package var audience: String
        /// What tokens must say besides, before anything is done for whoever brings them.
        package var requirements: [ClaimRequirement] = []

        package init(audience: String) {
            self.audience = audience
        }
    }

    package init(name: String, issuer: ProviderURL, kind: Kind) {
        self.name = name
        self.issuer = issuer
        self.kind = kind
    }

    package var people: People? { if case .people(let people) = kind { people } else { nil } }
    package var workload: Workload? { if case .workload(let workload) = kind { workload } else { nil } }
    /// Whom its tokens are for.
    package var audience: String {
        switch kind {
        case .people(let people): people.clientID
        case .workload(let workload): workload.audience
        }
    }
}

/// A group a provider may assert, or all whose name begins like this: `team-*`.
package struct GroupPattern: Sendable, Hashable, CustomStringConvertible {
    private let prefix: String
    private let isExact: Bool

    /// Nil where a star stands anywhere but at the end.
    package init?(_ text: String) {
        let stars = text.utf8.filter { $0 == UInt8(ascii: "*") }.count
        guard stars == 0 || (stars == 1 && text.hasSuffix("*")) else { return nil }
        isExact = stars == 0
        prefix = isExact ? text : String(text.dropLast())
    }

    package var description: String { isExact ? prefix : prefix + "*" }

    package func matches(_ group: String) -> Bool {
        isExact ? group.utf8.elementsEqual(prefix.utf8) : group.utf8.starts(with: prefix.utf8)
    }

    /// Whether some group is meant by both.
    package func overlaps(_ other: GroupPattern) -> Bool {
        switch (isExact, other.isExact) {
        case (true, _): other.matches(prefix)
        case (_, true): matches(other.prefix)
        case (false, false): prefix.utf8.starts(with: other.prefix.utf8) || other.prefix.utf8.starts(with: prefix.utf8)
        }
    }
}
