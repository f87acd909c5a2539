// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// What became of one thing in the source.
package struct ImportNote: Hashable, Sendable, Encodable {
    package enum Level: String, Hashable, Sendable, Encodable, CaseIterable {
        /// It means the same in the policies.
        case carried
        /// The policies give less than the source did.
        case narrowed
        /// It is not in the policies.
        case dropped
        /// The source does not say it, or a person must choose.
        case needsDecision = "needs a decision"
    }

    package let level: Level
    /// Where it stands in the source: `authority.claims`, `line 3`.
    package let source: String
    package let what: String
    /// What to do by hand.
    package let advice: String?
}

extension ImportNote: CustomStringConvertible {
    package var description: String {
        "\(level.rawValue): \(source): \(what)" + (advice.map { "; \($0)" } ?? "")
    }
}
