// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Somebody whom an identity provider vouched for, as it described them at their newest login. Their session may be over:
/// this is to tell them what waits for them, and nothing more than that rests on it.
package struct KnownPerson: Sendable, Equatable {
    /// Seconds after the login in which they are remembered: a holiday, and not somebody who left last year.
    package static let retention: Double = 30 * 86_400

    package var provider: String
    package var user: String
    package var identity: SessionIdentity
    package var loggedInAt: Date

    package init(provider: String, user: String, identity: SessionIdentity, loggedInAt: Date) {
        (self.provider, self.user, self.identity, self.loggedInAt) = (provider, user, identity, loggedInAt)
    }

    /// Nil for a local user, of whom the user file tells, and for a workload.
    package init?(_ session: SessionRecord) {
        guard let user = session.user, let identity = session.identity else { return nil }
        self.init(provider: session.provider, user: user, identity: identity, loggedInAt: session.createdAt)
    }
}
