// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// What is kept of an access request beside its events, to find it by. Everything here follows from the events.
package struct AccessSummary: Sendable, Equatable {
    package var id: String
    package var provider: String
    package var user: String
    package var role: String
    package var rule: String
    package var requestedAt: Date
    package var extends: String?
    /// Once it is in use it ends with the approvals that it rests on, whatever policies say later.
    package var isRechecked: Bool
    /// When it is over if nothing happens to it; whole seconds, rounded up.
    package var closesAt: Date
    /// When its review is due; nil where there is none, or it was done.
    package var reviewDue: Date?

    package init(
        id: String, provider: String, user: String, role: String, rule: String, requestedAt: Date, extends: String?,
        isRechecked: Bool = false, closesAt: Date, reviewDue: Date?
    ) {
        (self.id, self.provider, self.user, self.role, self.rule) = (id, provider, user, role, rule)
        (self.requestedAt, self.extends, self.isRechecked) = (requestedAt, extends, isRechecked)
        (self.closesAt, self.reviewDue) = (closesAt, reviewDue)
    }
}

/// An access request as the store has it.
package struct AccessRecord: Sendable, Equatable {
    package var summary: AccessSummary
    /// How many events it has: what was decided on that many holds only while there are no more.
    package var version: Int
    /// How many certificates were issued under it.
    package var issued: Int
    /// Its events, as they stand in the audit log.
    package var leaves: [[UInt8]]
    /// Position in the order of asking.
    package var number: Int

    package init(summary: AccessSummary, version: Int, issued: Int, leaves: [[UInt8]], number: Int) {
        (self.summary, self.version, self.issued, self.leaves, self.number) = (summary, version, issued, leaves, number)
    }
}

/// What an act adds to an access request.
package struct AccessChange: Sendable {
    package var summary: AccessSummary
    /// The places of its new events among the leaves of the entry.
    package var events: [Int]
    /// Certificates issued by the act.
    package var issued: Int

    package init(summary: AccessSummary, events: [Int], issued: Int = 0) {
        (self.summary, self.events, self.issued) = (summary, events, issued)
    }
}

/// Every member that is set narrows the list.
package struct AccessFilter: Sendable {
    package var user: String?
    package var rule: String?
    package var extends: String?
    /// Only those that end with the approvals that they rest on.
    package var isRechecked = false
    /// Only those that may still become something, are in use, or wait for their review, at this time.
    package var openAt: Date?
    /// Only those that are over after this time, and at the latest at that, if nothing happens to them.
    package var closesAfter: Date?
    package var closesBefore: Date?
    /// Only those whose review was due before this time.
    package var reviewDueBefore: Date?
    /// Only those asked before this number, for paging.
    package var before: Int?
    package var limit: Int

    package init(limit: Int) {
        self.limit = limit
    }
}
