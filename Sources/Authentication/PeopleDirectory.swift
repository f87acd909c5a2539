// SPDX-License-Identifier: Apache-2.0

package import Issuance
package import Policies

/// What is known of people who are not there: of those of the user file all, of others what their provider said last.
package struct PeopleDirectory: PersonDirectory {
    private let users: UserDirectory
    private let providers: ProviderDirectory

    package init(users: UserDirectory, providers: ProviderDirectory) {
        self.users = users
        self.providers = providers
    }

    package var people: [Identity] { users.people }

    package func standing(provider: String, user name: String) -> PersonStanding {
        guard provider == UserDirectory.provider else { return providers[provider] == nil ? .gone : .onlyAtLogin }
        return users.user(named: name).map { .known(groups: $0.groups, keys: $0.keys) } ?? .gone
    }

    package func current(_ identity: Identity) -> Identity? {
        guard identity.provider == UserDirectory.provider else { return providers.current(identity, beside: users) }
        return identity.user.flatMap { users.user(named: $0) } == nil ? nil : identity
    }
}
