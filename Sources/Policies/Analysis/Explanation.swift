// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// A decision and the path to it: every rule that was considered, and what was found of it.
package struct Explanation: Sendable {
    /// One rule on the way.
    package struct Step: Sendable, Equatable {
        package let rule: RuleReference
        package let effect: Effect
        package let applies: Bool
        /// Why it does not apply; for a deny rule that applies, what was taken for granted because it was not known.
        package let because: [Mismatch]

        /// `policies/web.yaml:14`.
        package var place: String { rule.position.fileAndLine }
    }

    package enum Effect: String, Sendable {
        case allow, deny
    }

    /// The role that was asked for; nil when there is none of this name.
    package let role: RoleReference?
    /// Deny rules first; each kind in the order of their ids.
    package let steps: [Step]
    /// nil for a role of capabilities alone, which is taken and not issued.
    package let decision: Decision?

    /// Whether a rule gives the role and none takes it away.
    package var isTaken: Bool {
        steps.contains { $0.effect == .allow && $0.applies } && !steps.contains { $0.effect == .deny && $0.applies }
    }
}

extension Explanation.Step: CustomStringConvertible {
    /// The words are those of a refusal.
    package var description: String {
        let words = because.map(\.description).joined(separator: ", and ")
        return switch (effect, applies) {
        case (.allow, true): "\(rule) applies"
        case (.allow, false): "\(rule) does not apply: \(words)"
        case (.deny, true): "\(rule) denies" + (because.isEmpty ? "" : ": \(words), which counts as a match in `deny`")
        case (.deny, false): "\(rule) does not deny: \(words)"
        }
    }
}

extension Explanation: CustomStringConvertible {
    /// The decision in a line or two, then a line for each rule, then who could change it.
    package var description: String {
        var lines: [String] = []
        switch decision {
        case nil: lines.append(isTaken ? "the role is theirs" : "refused")
        case .allow(let permit):
            lines.append("allowed by \(permit.rule) for \(PolicyDuration.text(permit.lifetime))")
            lines += permit.narrowed
        case .needsApproval(let offer):
            lines.append(
                "allowed by \(offer.rule) for \(PolicyDuration.text(offer.lifetime)) after approval: \(offer.approval)")
            lines += offer.narrowed
        case .deny(let denial):
            lines += denial.reasons.filter { !$0.isOfOneRule }.map { "refused: \($0)" }
            if lines.isEmpty { lines.append("refused") }
        }
        lines += steps.map { "  " + ($0.applies ? "✔ " : "· ") + $0.description }
        let places = Set((steps.map(\.rule.position.file) + [role?.position.file].compactMap(\.self)))
        if !places.isEmpty { lines.append("whoever may change \(places.sorted().joined(separator: ", ")) can change this") }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension DenialReason {
    /// Said by a step of the explanation already.
    fileprivate var isOfOneRule: Bool {
        switch self {
        case .deniedBy, .notAllowedBy: true
        default: false
        }
    }
}
