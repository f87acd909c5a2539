// SPDX-License-Identifier: Apache-2.0

package import AuditLog
import Issuance
package import Policies

/// Holds a set against another: what was issued, and the one would still give, the other gives too.
package struct NarrowingCheck: Sendable {
    private let old: PolicyReplay
    private let new: PolicyReplay
    private let start: AuditTime
    package private(set) var issuances = 0
    /// The first of those that would now be refused, in words.
    package private(set) var refused: [String] = []

    private static let mostExamples = 10

    package init(from old: PolicySet, to new: PolicySet, since start: AuditTime) {
        (self.old, self.new) = (PolicyReplay(under: old), PolicyReplay(under: new))
        self.start = start
    }

    package mutating func add(_ leaf: [UInt8]) {
        guard let event = try? AuditEvent(canonical: leaf), event.type == .certificateIssued, event.time >= start,
            let recorded = try? RecordedQuestion(event), old.giver(of: recorded) != nil
        else { return }
        issuances += 1
        guard new.giver(of: recorded) == nil, refused.count < Self.mostExamples else { return }
        refused.append(event.summary)
    }
}
