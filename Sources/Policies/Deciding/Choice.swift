// SPDX-License-Identifier: Apache-2.0

/// The rule that a request is decided by, of those that apply.
struct Choice {
    let rule: AllowRule
    let lifetime: Duration
    /// What the lifetime was cut for.
    let end: PermissionEnd?
    /// Sentences: what is less than was asked for, by which rule, and which rule would give more after approval.
    let narrowed: [String]

    /// Of the rules of the route, the one that gives the longest lifetime, then the first: `rules` are in the order of
    /// their ids. When the route has none, the others: glass is broken last. nil when no rule is for certificates.
    init?(of rules: [AllowRule], for request: AuthorizationRequest, at second: Int, _ foresight: Foresight) {
        var (atOnce, afterApproval, breakGlass): (Candidate?, Candidate?, Candidate?)
        for rule in rules {
            guard let limits = rule.lifetime else { continue }
            let lifetime = min(request.lifetime ?? limits.standard, limits.maximum)
            // An end only cuts: what is not longer as it is need not be looked at.
            let best = rule.approval.map { $0.isBreakGlass ? breakGlass : afterApproval } ?? atOnce
            if let best, best.lifetime >= lifetime { continue }
            let end = foresight.end(of: rule, before: second + Int(lifetime.components.seconds))
            let candidate = Candidate(
                rule: rule, uncut: lifetime, lifetime: end.map { .seconds($0.instant - second) } ?? lifetime, end: end)
            switch rule.approval?.isBreakGlass {
            case nil: atOnce = Self.longer(atOnce, candidate)
            case false: afterApproval = Self.longer(afterApproval, candidate)
            case true: breakGlass = Self.longer(breakGlass, candidate)
            }
        }
        let chosen =
            switch request.route {
            case .issue: atOnce ?? afterApproval ?? breakGlass
            case .request: afterApproval ?? atOnce ?? breakGlass
            case .breakGlass: breakGlass ?? atOnce ?? afterApproval
            }
        guard let chosen else { return nil }
        var narrowed: [String] = []
        let wanted = request.lifetime ?? chosen.uncut
        if wanted > chosen.lifetime {
            let (from, to) = (PolicyDuration.text(wanted), PolicyDuration.text(chosen.lifetime))
            let cause = chosen.end.map { ", because \($0)" } ?? " by \(chosen.rule.reference)"
            narrowed.append("lifetime is \(to) instead of \(from)\(cause)")
            if chosen.rule.approval == nil, let afterApproval, afterApproval.lifetime > chosen.lifetime {
                let more = PolicyDuration.text(afterApproval.lifetime)
                narrowed.append("\(afterApproval.rule.reference) gives \(more) after approval")
            }
        }
        (rule, lifetime, end, self.narrowed) = (chosen.rule, chosen.lifetime, chosen.end, narrowed)
    }

    private struct Candidate {
        let rule: AllowRule
        let uncut: Duration
        let lifetime: Duration
        let end: PermissionEnd?
    }

    private static func longer(_ best: Candidate?, _ other: Candidate) -> Candidate {
        guard let best, best.lifetime >= other.lifetime else { return other }
        return best
    }
}
