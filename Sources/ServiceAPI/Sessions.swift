// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// A session that is open.
package struct SessionSummary: Codable, Sendable {
    /// Of the session certificate.
    package var serial: String
    package var provider: String
    package var user: String?
    package var createdAt: Date
    /// To the minute where the server was restarted since.
    package var lastUsedAt: Date
    /// Where it was last used from; absent until its first use was noted.
    package var lastAddress: String?
    /// When it ends, however much it is used.
    package var expiresAt: Date
    /// When it ends unless it is used before.
    package var idleEndsAt: Date
    /// Whether this is the session that asks.
    package var isCurrent: Bool

    package init(
        serial: String, provider: String, user: String?, createdAt: Date, lastUsedAt: Date, lastAddress: String?,
        expiresAt: Date, idleEndsAt: Date, isCurrent: Bool
    ) {
        self.serial = serial
        self.provider = provider
        self.user = user
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.lastAddress = lastAddress
        self.expiresAt = expiresAt
        self.idleEndsAt = idleEndsAt
        self.isCurrent = isCurrent
    }

    enum CodingKeys: String, CodingKey {
        case serial, provider, user
        case createdAt = "created_at"
        case lastUsedAt = "last_used_at"
        case lastAddress = "last_address"
        case expiresAt = "expires_at"
        case idleEndsAt = "idle_ends_at"
        case isCurrent = "current"
    }
}

/// A page of open sessions, by serial. `next` is the `after` of the following page.
package struct SessionList: Codable, Sendable {
    package var sessions: [SessionSummary]
    package var next: String?

    package init(sessions: [SessionSummary], next: String?) {
        self.sessions = sessions
        self.next = next
    }
}

/// Ends sessions before their time. Exactly one of `serial`, `user` and `others` says which.
package struct SessionEndingRequest: RequestDocument {
    package var serial: String?
    /// All of this person's.
    package var user: String?
    /// All of the caller's but the one that asks.
    package var others: Bool?
    package var reason: String?

    package init(serial: String? = nil, user: String? = nil, others: Bool? = nil, reason: String? = nil) {
        self.serial = serial
        self.user = user
        self.others = others
        self.reason = reason
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case serial, user, others, reason
    }
}

/// The serials of the sessions that have ended.
package struct SessionEndingReply: Codable, Sendable {
    package var ended: [String]

    package init(ended: [String]) {
        self.ended = ended
    }
}
