// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Two people of whom each approved what the other asked for. That is allowed, and said wherever somebody looks: of two who do so
/// again and again, each is their own approver.
package struct MutualApproval: Sendable, Hashable {
    /// So far apart, in seconds, the two approvals have to do with each other: 30 days.
    package static let period: Double = 30 * 86_400

    /// Who approved this request, and asked for the other.
    package let person: String
    /// The other request, and when whoever asked for this one approved it.
    package let request: String
    package let at: Date

    package init(person: String, request: String, at: Date) {
        (self.person, self.request, self.at) = (person, request, at)
    }
}

extension AccessHistory {
    /// nil unless, within the period, each of the two who asked approved what the other asked for.
    package func mutualApproval(with other: AccessHistory) -> MutualApproval? {
        guard let mine = approvals.first(where: { $0.by.user == other.request.requester.user }),
            let theirs = other.approvals.first(where: { $0.by.user == request.requester.user }),
            abs(mine.at.timeIntervalSince(theirs.at)) <= MutualApproval.period
        else { return nil }
        return MutualApproval(person: mine.by.user, request: other.request.id, at: theirs.at)
    }
}
