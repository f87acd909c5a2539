// SPDX-License-Identifier: Apache-2.0

package import Policies
package import SSHCertificates

/// What is known of people who are not asking just now: whether an approval they gave still counts.
package protocol PersonDirectory: Sendable {
    func standing(provider: String, user: String) -> PersonStanding
    /// Everybody it can list.
    var people: [Identity] { get }
    /// Who somebody is now whose login made them this identity.
    /// - Returns: nil where whoever said so may no longer say it.
    func current(_ identity: Identity) -> Identity?
}

package enum PersonStanding: Sendable, Equatable {
    /// In these groups now, with these SSH keys.
    case known(groups: Set<String>, keys: [SSHPublicKey])
    case gone
    /// The provider tells of people only when they log in: what it said then is the newest there is.
    case onlyAtLogin
}
