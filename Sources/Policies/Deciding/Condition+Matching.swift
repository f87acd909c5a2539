// SPDX-License-Identifier: Apache-2.0

/// The identity as rules see it: what the provider says, and the groups of the policy that list the user.
struct Asker {
    let identity: Identity
    let policyGroups: Set<String>
    let domain: String?

    init(_ identity: Identity, groupsByMember: [String: Set<String>]) {
        self.identity = identity
        policyGroups = identity.user.flatMap { groupsByMember[$0] } ?? []
        domain = identity.domain
    }
}

extension Condition {
    /// Tells `visit` each reason why the condition does not hold, until it returns false. None: it holds.
    func visitMismatches(_ asker: Asker, _ visit: (Mismatch) -> Bool) {
        let identity = asker.identity
        if who.namesUsers, !who.names(asker), !visit(.otherUser) { return }
        if !who.groups.isEmpty, who.groups.isDisjoint(with: asker.policyGroups) {
            switch identity.groups {
            case .known(let groups):
                if who.groups.isDisjoint(with: groups), !visit(.notInGroups(who.groups)) { return }
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
        guard !networks.isEmpty else { return }
        guard let address = identity.address else {
            _ = visit(.addressUnknown)
            return
        }
        if !networks.contains(where: { $0.contains(address) }) { _ = visit(.otherNetwork(address)) }
    }

    /// For `allow`: what is unknown does not hold.
    func certainlyHolds(_ asker: Asker) -> Bool {
        var holds = true
        visitMismatches(asker) { _ in
            holds = false
            return false
        }
        return holds
    }

    /// For `deny`: what is unknown holds.
    func mayHold(_ asker: Asker) -> Bool {
        var holds = true
        visitMismatches(asker) { mismatch in
            holds = mismatch.isUnknown
            return holds
        }
        return holds
    }

    func mismatches(_ asker: Asker) -> [Mismatch] {
        var found: [Mismatch] = []
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
    fileprivate func mismatch(_ identity: Identity) -> Mismatch? {
        guard case .known(let claims) = identity.claims, let value = claims[name] else { return .claimUnknown(name: name) }
        let values: [ClaimValue] = if case .list(let members) = value { members } else { [value] }
        return accepted.contains(where: values.contains) ? nil : .claimDiffers(name: name, value: value)
    }
}

extension AllowRule {
    /// What the request lacks of the reason this rule wants.
    func mismatch(reason: String?) -> Mismatch? {
        guard let requirement = self.reason else { return nil }
        guard let reason else {
            return requirement.isRequired ? .reasonMissing(pattern: requirement.pattern?.text) : nil
        }
        guard let pattern = requirement.pattern, !pattern.matches(reason) else { return nil }
        return .reasonUnlike(pattern: pattern.text)
    }
}
