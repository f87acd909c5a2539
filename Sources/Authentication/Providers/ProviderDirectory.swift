// SPDX-License-Identifier: Apache-2.0

package import Issuance
package import OpenIDConnect
import Policies

package import struct FoundationEssentials.Date

/// The identity providers of this installation.
package struct ProviderDirectory: Sendable {
    package struct Entry: Sendable {
        package let declaration: ProviderDeclaration
        package let provider: OpenIDProvider
        /// Where groups come from a file; nil where the provider says them, or there are none.
        package let groups: ProviderGroupDirectory?
        /// What became of the refresh tokens of sessions that are over.
        package let revocations = Counts<RevocationResult>()

        package init(
            declaration: ProviderDeclaration, provider: OpenIDProvider, groups: ProviderGroupDirectory? = nil
        ) {
            self.declaration = declaration
            self.provider = provider
            self.groups = groups
        }

        /// What was wrong when the provider was asked last, and since when; nil while it is well.
        package var trouble: (reason: String, since: Date)? {
            get async { await provider.condition?.trouble.map { ($0.error.description, $0.since) } }
        }

        /// As it is kept with a session: without what this installation says itself, and may say otherwise tomorrow.
        func kept(_ identity: Identity) -> Identity {
            guard groups != nil else { return identity }
            var identity = identity
            identity.groups = .unknown
            return identity
        }

        /// As policies see it now.
        func current(_ identity: Identity, beside users: UserDirectory) -> Identity {
            var identity = identity
            // A login on servers that a local user has is theirs, and `root` is nobody's.
            if let login = identity.login, login == "root" || users.hasLogin(login) { identity.login = nil }
            if let groups, let user = identity.user { identity.groups = .known(groups.groups(of: user)) }
            return identity
        }
    }

    /// In the order of the configuration.
    package let entries: [Entry]

    package init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    package subscript(name: String) -> Entry? { entries.first { $0.declaration.name == name } }

    /// Who somebody is now whose login made them this identity.
    /// - Returns: nil where the provider may no longer say so.
    func current(_ identity: Identity, beside users: UserDirectory) -> Identity? {
        guard let entry = self[identity.provider], entry.declaration.stillVouches(for: entry.kept(identity)) else { return nil }
        return entry.current(identity, beside: users)
    }
}
