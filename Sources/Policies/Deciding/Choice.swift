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
    /// their ids. When the route has none, the others: glass is broken last. A request is approved by a rule itself before
    /// people are asked, unless it is for longer than such a rule gives. nil when no rule is for certificates.
    init?(of rules: [AllowRule], for request: AuthorizationRequest, at second: Int, _ foresight: Foresight) {
        var best: [Kind: Candidate] = [:]
        for rule in rules {
            guard let limits = rule.lifetime else { continue }
            let lifetime = min(request.lifetime ?? limits.standard, limits.maximum)
            // An end only cuts: what is not longer as it is need not be looked at.
            let kind = Kind(rule, for: request)
            if let best = best[kind], best.lifetime >= lifetime { continue }
            let end = foresight.end(of: rule, before: second + Int(lifetime.components.seconds))
            let candidate = Candidate(
                rule: rule, uncut: lifetime, lifetime: end.map { .seconds($0.instant - second) } ?? lifetime, end: end)
            if let best = best[kind], best.lifetime >= candidate.lifetime { continue }
            best[kind] = candidate
        }
        let order: [Kind] =
            switch request.route {
            case .issue: [.atOnce, .automatic, .automaticForLess, .byPeople, .breakGlass]
            case .request: [.automatic, .byPeople, .automaticForLess, .atOnce, .breakGlass]
            case .breakGlass: [.breakGlass, .atOnce, .automatic, .automaticForLess, .byPeople]
            }
        guard let chosen = order.lazy.compactMap({ best[$0] }).first else { return nil }
        var narrowed: [String] = []
        let wanted = request.lifetime ?? chosen.uncut
        if wanted > chosen.lifetime {
            let (from, to) = (PolicyDuration.text(wanted), PolicyDuration.text(chosen.lifetime))
            let cause = chosen.end.map { ", because \($0)" } ?? " by \(chosen.rule.reference)"
            narrowed.append("lifetime is \(to) instead of \(from)\(cause)")
            if chosen.rule.approval == nil, let afterApproval = best[.byPeople], afterApproval.lifetime > chosen.lifetime {
                let more = PolicyDuration.text(afterApproval.lifetime)
                narrowed.append("\(afterApproval.rule.reference) gives \(more) after approval")
            }
        }
        (rule, lifetime, end, self.narrowed) = (chosen.rule, chosen.lifetime, chosen.end, narrowed)
    }

    private enum Kind {
        case atOnce, automatic
        /// The request is for longer than the rule gives.
        case automaticForLess
        case byPeople, breakGlass

        init(_ rule: AllowRule, for request: AuthorizationRequest) {
            guard let approval = rule.approval else {
                self = .atOnce
                return
            }
            if approval.isBreakGlass {
                self = .breakGlass
            } else if approval.isAutomatic {
                self = (request.lifetime ?? .zero) <= approval.grant ? .automatic : .automaticForLess
            } else {
                self = .byPeople
            }
        }
    }

    private struct Candidate {
        let rule: AllowRule
        let uncut: Duration
        let lifetime: Duration
        let end: PermissionEnd?
    }
}
