// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// What an identity provider calls a login that it vouched for, so that it can say that it is over.
package struct ProviderSession: Sendable, Equatable {
    /// `sub` of its token.
    package var subject: String
    /// `sid`, where the provider gives its sessions names.
    package var id: String?

    package init(subject: String, id: String?) {
        self.subject = subject
        self.id = id
    }
}

/// Logins that a provider ended.
package struct EndedLogin: Sendable {
    package var provider: String
    /// One of both is there. Without `session`, all of the subject's are over.
    package var subject: String?
    package var session: String?
    /// Sessions that were opened later are not meant.
    package var time: Date
    /// What said so is taken once.
    package var used: UsedChallenge

    package init(provider: String, subject: String?, session: String?, time: Date, used: UsedChallenge) {
        self.provider = provider
        self.subject = subject
        self.session = session
        self.time = time
        self.used = used
    }
}
