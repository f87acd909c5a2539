// SPDX-License-Identifier: Apache-2.0

/// The rule that a request is decided by, of those that apply.
struct Choice {
    let rule: AllowRule
    let lifetime: Duration
    /// Sentences: what is less than was asked for, by which rule, and which rule would give more after approval.
    let narrowed: [String]

    /// Of the rules of the route, the one that gives the longest lifetime, then the first: `rules` are in the order of
    /// their ids. When the route has none, the others. nil when no rule is for certificates.
    init?(of rules: [AllowRule], for request: AuthorizationRequest) {
        var (atOnce, afterApproval): (Candidate?, Candidate?)
        for rule in rules {
            guard let limits = rule.lifetime else { continue }
            let candidate = (rule: rule, lifetime: min(request.lifetime ?? limits.standard, limits.maximum))
            if rule.approval == nil {
                atOnce = Self.longer(atOnce, candidate)
            } else {
                afterApproval = Self.longer(afterApproval, candidate)
            }
        }
        let chosen = request.route == .issue ? atOnce ?? afterApproval : afterApproval ?? atOnce
        guard let chosen else { return nil }
        var narrowed: [String] = []
        if let wanted = request.lifetime, wanted > chosen.lifetime {
            let (from, to) = (PolicyDuration.text(wanted), PolicyDuration.text(chosen.lifetime))
            narrowed.append("lifetime is \(to) instead of \(from) by \(chosen.rule.reference)")
            if chosen.rule.approval == nil, let afterApproval, afterApproval.lifetime > chosen.lifetime {
                let more = PolicyDuration.text(afterApproval.lifetime)
                narrowed.append("\(afterApproval.rule.reference) gives \(more) after approval")
            }
        }
        (rule, lifetime, self.narrowed) = (chosen.rule, chosen.lifetime, narrowed)
    }

    private typealias Candidate = (rule: AllowRule, lifetime: Duration)

    private static func longer(_ best: Candidate?, _ other: Candidate) -> Candidate {
        guard let best, best.lifetime >= other.lifetime else { return other }
        return best
    }
}
