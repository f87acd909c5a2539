// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Something that people outside are to hear: what happened, for whom, and where to act on it.
///
/// Not called `Notification`, which Foundation has taken. Titles and facts come from people, so they are made one line of
/// visible characters here, once for every format; each format then escapes its own syntax.
package struct Notice: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case accessRequested = "access.requested"
        case accessApproved = "access.approved"
        case accessDenied = "access.denied"
        case breakGlassUsed = "access.break-glass"
        case reviewDue = "access.review-due"
        case grantEnded = "access.grant-ended"
        /// Sent by `mayfly notify test` alone.
        case test
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
    /// Who is told. One that is not configured hears nothing, and the notice fails for it when it is too old.
    package let recipients: [ReceiverName]

    package static let maximumFacts = 20

    package init(
        id: NoticeID, kind: Kind, time: Date, title: String, facts: [Fact], link: WebLink? = nil, recipients: [ReceiverName]
    ) {
        self.id = id
        self.kind = kind
        self.time = time
        self.title = title.oneVisibleLine(limit: 140)
        self.facts = Array(facts.prefix(Self.maximumFacts))
        self.link = link
        self.recipients = recipients
    }
}
