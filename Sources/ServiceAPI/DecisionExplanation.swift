// SPDX-License-Identifier: Apache-2.0

/// How the policy decided about somebody who asked, and what came of each rule for what they asked for.
package struct DecisionExplanation: Codable, Sendable, Equatable {
    package enum Result: String, Codable, Sendable {
        case allow, deny
        case approvalNeeded = "approval-needed"
    }

    package struct Step: Codable, Sendable, Equatable {
        package var role: String
        /// Id of the rule, and where it stands: `policies/web.yaml:14`.
        package var rule: String
        package var place: String
        /// `allow` or `deny`.
        package var effect: String
        package var applies: Bool
        /// Sentences: why it does not apply; of a deny rule that does, what was not known.
        package var because: [String]

        package init(role: String, rule: String, place: String, effect: String, applies: Bool, because: [String]) {
            (self.role, self.rule, self.place, self.effect) = (role, rule, place, effect)
            (self.applies, self.because) = (applies, because)
        }
    }

    /// What whoever asks has only to add.
    package struct Missing: Codable, Sendable, Equatable {
        package enum What: String, Codable, Sendable {
            case reason, ticket
        }

        package var what: What
        /// A regular expression that it must match.
        package var pattern: String?

        package init(what: What, pattern: String?) {
            (self.what, self.pattern) = (what, pattern)
        }
    }

    package var decision: Result
    /// The decision in a sentence.
    package var summary: String
    /// The first hundred, where there are very many.
    package var steps: [Step]
    /// All of it for people, as `mayfly policy explain` prints it: lines.
    package var text: String
    /// Where nothing else keeps a rule from giving it.
    package var missing: [Missing]?

    package init(decision: Result, summary: String, steps: [Step], text: String, missing: [Missing]? = nil) {
        (self.decision, self.summary, self.steps, self.text) = (decision, summary, steps, text)
        self.missing = missing
    }
}
