// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// A decision and the path to it: every rule that was considered, and what was found of it. One text for whoever asks
/// beforehand (`policy explain`) and for whoever is refused.
package struct Explanation: Sendable, Equatable {
    /// One rule on the way.
    package struct Step: Sendable, Equatable {
        package let role: String
        package let rule: RuleReference
        package let effect: Effect
        package let applies: Bool
        /// Of an allow rule: whether others must agree.
        package var needsApproval = false
        /// Why it does not apply; for a deny rule that applies, what was taken for granted because it was not known.
        package let because: [Mismatch]

        /// `policies/web.yaml:14`.
        package var place: String { rule.position.fileAndLine }
    }

    package enum Effect: String, Sendable {
        case allow, deny
    }

    /// What was asked for.
    package enum Subject: Sendable, Equatable {
        case role(String)
        case capability(Capability)
        /// By whichever role reaches it.
        case host(HostName)
    }

    package let subject: Subject
    /// The roles that would do, by name.
    package let roles: [RoleReference]
    /// By role; deny rules first, each kind in the order of their ids.
    package let steps: [Step]
    /// nil for a role of capabilities alone, which is taken and not issued.
    package let decision: Decision?

    /// Whether a rule gives the role and none takes it away.
    package var isTaken: Bool {
        steps.contains { $0.effect == .allow && $0.applies } && !steps.contains { $0.effect == .deny && $0.applies }
    }

    /// What somebody says for themselves when they ask.
    package struct Missing: Sendable, Equatable {
        package enum What: String, Sendable {
            case reason, ticket
        }

        package let what: What
        /// That it must match.
        package let pattern: String?
    }

    /// What is missing where nothing but that keeps a rule from giving it: of the rule that wants least. Empty where it is not
    /// refused, or for another reason.
    package var missing: [Missing] {
        guard isRefused else { return [] }
        let undecided = Dictionary(grouping: steps, by: \.role).values.filter { !$0.contains(where: \.applies) }.joined()
        let wanted = undecided.compactMap { step -> [Missing]? in
            let found = step.because.compactMap(Missing.init)
            return step.effect == .allow && found.count == step.because.count ? found : nil
        }
        return wanted.min { $0.count < $1.count } ?? []
    }

    package var isRefused: Bool {
        switch decision {
        case .deny: true
        case .allow, .needsApproval: false
        case nil: !isTaken
        }
    }
}

extension Explanation.Missing {
    fileprivate init?(_ mismatch: Mismatch) {
        switch mismatch {
        case .reasonMissing(let pattern): self.init(what: .reason, pattern: pattern)
        case .ticketMissing(let pattern): self.init(what: .ticket, pattern: pattern)
        default: return nil
        }
    }
}

extension Explanation.Step: CustomStringConvertible {
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

extension Explanation {
    /// More rules than these are counted, not listed: those that decided come first.
    package static let maximumRules = 100

    /// The decision in a sentence.
    package var summary: String {
        switch decision {
        case .allow(let permit): return "allowed by \(permit.rule) for \(PolicyDuration.text(permit.lifetime))"
        case .needsApproval(let offer):
            return "allowed by \(offer.rule) for \(PolicyDuration.text(offer.lifetime)) after approval: \(offer.approval)"
        case .deny(let denial):
            let reasons = denial.reasons.filter { !$0.isOfOneRule }
            return reasons.isEmpty ? refusal : reasons.map(\.description).joined(separator: "; ")
        case nil: return isTaken ? "the role is theirs" : refusal
        }
    }

    private var refusal: String {
        let denying = Set(steps.filter { $0.effect == .deny && $0.applies }.map { "`\($0.rule.id)`" }).sorted()
        guard denying.isEmpty else {
            return "\(denying.joined(separator: " and ")) \(denying.count == 1 ? "denies" : "deny") \(subject)"
        }
        return "no rule gives you \(subject) now"
    }

    package var listed: [Step] {
        guard steps.count > Self.maximumRules else { return steps }
        return Array((steps.filter(\.applies) + steps.filter { !$0.applies }).prefix(Self.maximumRules))
    }

    /// What came of each rule, a line for each.
    private var rules: [String] {
        let (listed, others) = (self.listed, steps.count - self.listed.count)
        return listed.map { step in
            let role = roles.count > 1 ? "role `\(step.role)`: " : ""
            return (step.applies ? "✔ " : "· ") + role + step.description
        } + (others > 0 ? ["· and \(others) more rules"] : [])
    }

    /// Sentences that the decision adds: what is less than was asked for.
    private var narrowed: [String] {
        switch decision {
        case .allow(let permit): permit.narrowed
        case .needsApproval(let offer): offer.narrowed
        case .deny, nil: []
        }
    }

    /// What whoever asks can do so that a rule gives it: of the rules that want nothing else, those that want least first.
    package var ways: [String] {
        guard isRefused else { return [] }
        // What a rule gives already is refused for another reason, and what a deny rule takes is not theirs to change.
        let decided = Set(steps.filter(\.applies).map(\.role))
        let open = steps.filter { $0.effect == .allow && !decided.contains($0.role) }
        let helps = open.compactMap { step -> (rule: String, acts: [String])? in
            let acts = step.because.compactMap(\.remedy)
            return acts.count == step.because.count
                ? ("\(step.rule) gives it" + (step.needsApproval ? " after approval" : ""), acts) : nil
        }
        return helps.enumerated().sorted { ($0.element.acts.count, $0.offset) < ($1.element.acts.count, $1.offset) }
            .prefix(Self.maximumWays).map { "\($0.element.rule) if you \($0.element.acts.joined(separator: ", and "))" }
    }

    private static let maximumWays = 3

    /// Whose work it is to change it.
    package var remedy: String {
        let files = Set(steps.map(\.rule.position.file) + roles.map(\.position.file)).sorted()
        return "whoever may change \(files.isEmpty ? "the policies" : files.joined(separator: ", ")) can change this"
    }
}

extension Explanation: CustomStringConvertible {
    /// The decision in a line or two, then a line for each rule, then what would help, and who could change it.
    package var description: String {
        let lines =
            [(isRefused ? "refused: " : "") + summary] + narrowed + rules.map { "  " + $0 } + ways + [remedy]
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Mismatch {
    /// What the same person can do about it, if anything. Neither networks nor anything of others is told.
    fileprivate var remedy: String? {
        switch self {
        case .mfaMissing, .mfaUnknown: "log in with a second factor"
        case .authenticatedTooLongAgo, .authenticationUnknown: "log in again"
        case .outsideWindows(_, let opening?): "ask at \(opening)"
        case .notOnDuty: "ask when it is your turn"
        case .otherNetwork, .addressUnknown: "ask from one of its networks"
        case .reasonMissing, .reasonUnlike: "give a reason that it takes"
        case .ticketMissing, .ticketUnlike: "give a ticket that it takes"
        case .otherUser, .notInGroups, .groupsUnknown, .otherProvider, .claimDiffers, .claimUnlike, .claimUnknown, .mfaPresent,
            .outsideWindows(_, opening: nil):
            nil
        }
    }
}

extension Explanation.Subject: CustomStringConvertible {
    package var description: String {
        switch self {
        case .role(let name): "role `\(printable: name)`"
        case .capability(let capability): "capability `\(capability.rawValue)`"
        case .host(let host): "a role that reaches `\(host)`"
        }
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
