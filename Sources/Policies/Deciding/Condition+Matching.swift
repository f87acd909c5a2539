// SPDX-License-Identifier: Apache-2.0

extension Condition {
    /// Whether one of its windows is open.
    private func isOpen(at second: Int) -> Bool { windows.isEmpty || windows.contains { $0.contains(second) } }

    /// Whether it may hold at one time and not at another.
    func dependsOnTime(_ asker: Asker) -> Bool {
        !windows.isEmpty || asker.turns.contains { !$0.groups.isDisjoint(with: who.groups) }
    }

    /// Tells `visit` each reason why the condition does not hold, until it returns false. None: it holds, if one of its
    /// windows is open.
    func visitMismatches(_ asker: Asker, _ visit: (Mismatch) -> Bool) {
        let identity = asker.identity
        if who.namesUsers, !who.names(asker), !visit(.otherUser) { return }
        if !who.groups.isEmpty, who.groups.isDisjoint(with: asker.groups) {
            switch identity.groups {
            case .known:
                if !visit(asker.mismatch(groups: who.groups)) { return }
            case .unknown:
                if !visit(.groupsUnknown) { return }
            }
        }
        if let provider = who.provider, provider != identity.provider, !visit(.otherProvider(identity.provider)) { return }
        for claim in who.claims {
            if let mismatch = claim.mismatch(identity), !visit(mismatch) { return }
        }
        if let wanted = who.mfa {
            switch identity.mfa {
            case .known(let used):
                if used != wanted, !visit(wanted ? .mfaMissing : .mfaPresent) { return }
            case .unknown:
                if !visit(.mfaUnknown) { return }
            }
        }
        if let limit = who.authenticatedWithin {
            switch asker.authenticationAge {
            case .known(let age):
                if age > limit, !visit(.authenticatedTooLongAgo(age: age, limit: limit)) { return }
            case .unknown:
                if !visit(.authenticationUnknown(limit: limit)) { return }
            }
        }
        guard !networks.isEmpty else { return }
        guard let address = identity.address else {
            _ = visit(.addressUnknown)
            return
        }
        if !networks.contains(where: { $0.contains(address) }) { _ = visit(.otherNetwork(address)) }
    }

    /// For `allow`: what is unknown does not hold.
    func certainlyHolds(_ asker: Asker) -> Bool {
        guard isOpen(at: asker.second) else { return false }
        var holds = true
        visitMismatches(asker) { _ in
            holds = false
            return false
        }
        return holds
    }

    /// For `deny`: what is unknown holds.
    func mayHold(_ asker: Asker) -> Bool {
        guard isOpen(at: asker.second) else { return false }
        var holds = true
        visitMismatches(asker) { mismatch in
            holds = mismatch.isUnknown
            return holds
        }
        return holds
    }

    /// For `deny`: whether time alone can make it hold.
    func mayBeginToHold(_ asker: Asker) -> Bool {
        guard dependsOnTime(asker) else { return false }
        var may = true
        visitMismatches(asker) { mismatch in
            may = mismatch.isUnknown || mismatch.passes
            return may
        }
        return may
    }

    func mismatches(_ asker: Asker) -> [Mismatch] {
        var found: [Mismatch] = []
        if !isOpen(at: asker.second) {
            let opening = windows.compactMap { $0.opening(from: asker.second) }.min()
            found.append(.outsideWindows(windows.map(\.name), opening: opening.map(Timestamp.text)))
        }
        visitMismatches(asker) { mismatch in
            found.append(mismatch)
            return true
        }
        return found
    }
}

extension Who {
    fileprivate func names(_ asker: Asker) -> Bool {
        guard let user = asker.identity.user else { return false }
        return users.contains(user) || asker.domain.map { userDomains.contains($0) } == true
    }
}

extension ClaimRequirement {
    /// Not where the claim is unknown.
    package func isMet(by identity: Identity) -> Bool { mismatch(identity) == nil }

    fileprivate func mismatch(_ identity: Identity) -> Mismatch? {
        guard case .known(let claims) = identity.claims, let value = claims[name] else { return .claimUnknown(name: name) }
        let values: [ClaimValue] = if case .list(let members) = value { members } else { [value] }
        let holds = accepted.contains { accepted in values.contains { accepted.accepts($0) } }
        if holds { return nil }
        return hasGlob ? .claimUnlike(name: name, value: value) : .claimDiffers(name: name, value: value)
    }

    private var hasGlob: Bool { accepted.contains { if case .glob = $0 { true } else { false } } }
}

extension ClaimRequirement.Accepted {
    func accepts(_ value: ClaimValue) -> Bool {
        switch (self, value) {
        case (.value(let wanted), _): wanted == value
        case (.glob(let glob), .string(let text)): glob.matches(text)
        case (.glob, _): false
        }
    }
}

extension AllowRule {
    /// What the request lacks of the reason and the ticket that this rule wants.
    func mismatches(_ justification: Justification) -> [Mismatch] {
        var found: [Mismatch] = []
        let (reason, ticket) = (justification.reason, justification.ticket)
        if let mismatch = self.reason?.mismatch(reason, Mismatch.reasonMissing, Mismatch.reasonUnlike) {
            found.append(mismatch)
        }
        if let mismatch = self.ticket?.mismatch(ticket, Mismatch.ticketMissing, Mismatch.ticketUnlike) {
            found.append(mismatch)
        }
        return found
    }
}

extension TextRequirement {
    fileprivate func mismatch(
        _ text: String?, _ missing: (String?) -> Mismatch, _ unlike: (String) -> Mismatch
    ) -> Mismatch? {
        guard let text else { return isRequired ? missing(pattern?.text) : nil }
        guard let pattern, !pattern.matches(text) else { return nil }
        return unlike(pattern.text)
    }
}
