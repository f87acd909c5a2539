// SPDX-License-Identifier: Apache-2.0

package import Issuance
import SSHCertificates
package import ServiceAPI
import X509Certificates

/// The public keys and certificates to be trusted now: those that `init` wrote, with the CA keys that came since.
package struct PublishedAuthorities: Sendable {
    /// What no rotation changes is taken from here.
    let first: Authorities
    let keys: KeyRing

    var name: String { first.name }

    var current: Authorities { Self.authorities(first, keys.current) }

    /// - Parameter first: where name and what no rotation changes are taken from.
    package static func authorities(_ first: Authorities, _ keys: SigningKeys) -> Authorities {
        var authorities = first
        authorities.sshUserCA = lines(keys.users.published, comment: "\(first.name) SSH user CA")
        authorities.sshHostCA = lines(keys.hosts.published, comment: "\(first.name) SSH host CA")
        authorities.issuing = keys.workloads.published.map(\.pem).joined()
        return authorities
    }

    private static func lines(_ keys: [SSHPublicKey], comment: String) -> String {
        keys.compactMap { try? $0.authorizedKey(comment: comment) }.joined(separator: "\n")
    }
}
