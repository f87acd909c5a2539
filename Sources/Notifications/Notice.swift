// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Something that people outside are to hear: what happened, for whom, and where to act on it.
///
/// Not called `Notification`, which Foundation has taken. Titles and facts come from people, so they are made one line of
/// visible characters here, once for every format; each format then escapes its own syntax.
package struct Notice: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// It waits for somebody: it was asked, its next step is open, or it was sent back.
        case accessRequested = "access.requested"
        case accessApproved = "access.approved"
        case accessDenied = "access.denied"
        case accessCancelled = "access.cancelled"
        /// Nobody decided, or nobody claimed, in time.
        case accessExpired = "access.expired"
        /// What it rested on no longer counts: an approver, or the rule.
        case accessVoided = "access.voided"
        case grantClaimed = "access.claimed"
        case grantEnded = "access.grant-ended"
        case breakGlassUsed = "access.break-glass"
        case reviewDue = "access.review-due"
        case reviewOverdue = "access.review-overdue"
        case reviewed = "access.reviewed"
        /// Sent by `mayfly notify test` alone.
        case test

        /// Every receiver hears of it, whatever it asked for.
        package var isLoud: Bool { self == .breakGlassUsed || self == .reviewOverdue }
    }

    package struct Fact: Sendable, Hashable, Codable {
        package let label: String
        package let value: String

        package init(_ label: String, _ value: String) {
            self.label = label.oneVisibleLine(limit: 75)
            self.value = value.oneVisibleLine(limit: 1000)
        }
    }

    /// The same at every attempt and for every receiver, so that a receiver can drop what it has seen.
    package let id: NoticeID
    package let kind: Kind
    package let time: Date
    package let title: String
    /// In the order in which they are shown; at most 20.
    package let facts: [Fact]
    /// Where to act; nil where there is nothing to do.
    package let link: WebLink?
    /// Users it concerns, as their provider writes them: those who are to act, or whose request it is; at most 50.
    package let people: [String]
    /// Who is told. One that is not configured hears nothing, and the notice fails for it when it is too old.
    package let recipients: [ReceiverName]

    package static let maximumFacts = 20
    package static let maximumPeople = 50

    package init(
        id: NoticeID, kind: Kind, time: Date, title: String, facts: [Fact], link: WebLink? = nil, people: [String] = [],
        recipients: [ReceiverName]
    ) {
        self.id = id
        self.kind = kind
        self.time = time
        self.title = title.oneVisibleLine(limit: 140)
        self.facts = Array(facts.prefix(Self.maximumFacts))
        self.link = link
        self.people = Array(people.prefix(Self.maximumPeople))
        self.recipients = recipients
    }
}
