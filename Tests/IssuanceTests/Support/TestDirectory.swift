// SPDX-License-Identifier: Apache-2.0

import Issuance
import Policies
import SSHCertificates
import Synchronization

/// The people of the tests, in the groups that a test puts them into.
final class TestDirectory: PersonDirectory {
    private let groups = Mutex(Dictionary(uniqueKeysWithValues: Person.allCases.map { ($0.name, Optional($0.groups)) }))

    /// Identity providers that may still say who somebody is.
    let vouching = Mutex<Set<String>>(["sso"])

    private let keys = Mutex<[String: [SSHPublicKey]]>([:])

    func give(_ keys: [SSHPublicKey], to person: Person) { self.keys.withLock { $0[person.name] = keys } }

    /// - Parameter groups: nil takes the person away.
    func put(_ person: Person, into groups: Set<String>?) {
        self.groups.withLock { $0[person.name] = .some(groups) }
    }

    func groups(of person: Person) -> Set<String>? { groups.withLock { $0[person.name] ?? nil } }

    func standing(provider: String, user: String) -> PersonStanding {
        guard provider == "local" else { return .onlyAtLogin }
        let keys = keys.withLock { $0[user] ?? [] }
        return groups.withLock { $0[user] ?? nil }.map { .known(groups: $0, keys: keys) } ?? .gone
    }

    func current(_ identity: Identity) -> Identity? {
        vouching.withLock { $0.contains(identity.provider) } ? identity : nil
    }

    var people: [Identity] { Person.allCases.map(identity) }

    /// With the groups of now.
    func identity(of person: Person) -> Identity {
        var identity = person.identity
        identity.groups = .known(groups(of: person) ?? [])
        return identity
    }
}
