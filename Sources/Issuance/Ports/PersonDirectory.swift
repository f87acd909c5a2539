// SPDX-License-Identifier: Apache-2.0

package import Policies
package import SSHCertificates

/// What is known of people who are not asking just now: whether an approval they gave still counts.
package protocol PersonDirectory: Sendable {
    func standing(provider: String, user: String) -> PersonStanding
    /// Everybody it can list.
    var people: [Identity] { get }
    /// Whether whoever said this of somebody at a login may still say it.
    func stillVouches(for identity: Identity) -> Bool
}

package enum PersonStanding: Sendable, Equatable {
    /// In these groups now, with these SSH keys.
    case known(groups: Set<String>, keys: [SSHPublicKey])
    case gone
    /// The provider tells of people only when they log in: what it said then is the newest there is.
    case onlyAtLogin
}
