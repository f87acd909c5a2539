// SPDX-License-Identifier: Apache-2.0

package import Policies
import Synchronization

package import struct FoundationEssentials.Date

/// The identity provider `local`: the user file that is live. Groups are as fresh as the file, at every request.
package final class UserDirectory: Sendable {
    package static let provider = "local"

    private let live: Mutex<LocalUsers>

    package init(_ users: LocalUsers) {
        live = Mutex(users)
    }

    package func replace(with users: LocalUsers) {
        live.withLock { $0 = users }
    }

    package var everyone: [LocalUser] {
        live.withLock { $0.all }
    }

    package func user(named name: String) -> LocalUser? {
        live.withLock { $0[name] }
    }

    func hasLogin(_ login: String) -> Bool {
        live.withLock { $0.logins.contains(login) }
    }

    /// Who `user` is now, asking from `address`.
    /// - Parameters:
    ///   - authenticatedAt: when they proved to hold their SSH key.
    ///   - hasSecondFactor: whether a token asked them for more than a touch then.
    package func identity(
        of user: LocalUser, authenticatedAt: Date, hasSecondFactor: Bool, address: String?
    ) -> Identity {
        Identity(
            provider: Self.provider, user: user.name, login: user.login, groups: .known(user.groups), claims: .known([:]),
            mfa: .known(hasSecondFactor), authenticatedAt: .known(authenticatedAt), address: address.flatMap { IPAddress($0) })
    }
}

extension UserDirectory {
    /// Without anything that only a login can say.
    package var people: [Identity] {
        everyone.map {
            Identity(
                provider: Self.provider, user: $0.name, login: $0.login, groups: .known($0.groups), claims: .known([:]),
                mfa: .known(false))
        }
    }
}
