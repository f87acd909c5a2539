// SPDX-License-Identifier: Apache-2.0

/// Who did something. Providers own the names of their users, so that one name is one person, whoever vouched for it.
package struct Person: Hashable, Sendable, CustomStringConvertible {
    package let provider: String
    package let user: String

    package init(provider: String, user: String) {
        self.provider = provider
        self.user = user
    }

    /// `local/ana@example.com`.
    package var description: String { "\(provider)/\(user)" }
}
