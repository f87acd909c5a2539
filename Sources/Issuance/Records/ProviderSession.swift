// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// What an identity provider calls a login that it vouched for, so that it can say that it is over.
package struct ProviderSession: Sendable, Equatable {
    /// `sub` of its token.
    package var subject: String
    /// `sid`, where the provider gives its sessions names.
    package var id: String?
    /// When its token was made, by the provider's clock. Known while the session is opened, and not kept with it.
    package var issuedAt: Date?

    package init(subject: String, id: String?, issuedAt: Date? = nil) {
        self.subject = subject
        self.id = id
        self.issuedAt = issuedAt
    }
}

/// Logins that a provider ended.
package struct EndedLogin: Sendable {
    package var provider: String
    /// One of both is there. Without `session`, all of the subject's are over.
    package var subject: String?
    package var session: String?
    /// When the provider said so, by its clock. Logins that it does not name are meant as far as they were before.
    package var issuedAt: Date
    /// What said so is taken once, and no session opens by such a login as long as that is remembered.
    package var used: UsedChallenge

    /// Of sessions it is known when they were opened, by our clock: those that were opened until then are meant.
    package var openedUntil: Date { issuedAt.addingTimeInterval(clockTolerance) }

    package init(provider: String, subject: String?, session: String?, issuedAt: Date, used: UsedChallenge) {
        self.provider = provider
        self.subject = subject
        self.session = session
        self.issuedAt = issuedAt
        self.used = used
    }
}
