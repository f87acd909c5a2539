// SPDX-License-Identifier: Apache-2.0

import StrictYAML

package import struct FoundationEssentials.Date

extension PolicySet {
    /// Decides. Pure and total: the same set, identity, request and instant always give the same answer.
    ///
    /// `deny` beats `allow`. Of several allow rules the one that gives the longest lifetime to this request is taken,
    /// then the first by id. Nothing depends on `instant` yet; it is here so that no caller has to change.
    package func decide(_ identity: Identity, _ request: AuthorizationRequest, at instant: Date) -> Decision {
        let asker = Asker(identity, groupsByMember: groupsByMember)
        guard let role = roles[request.role] else {
            return .deny(Denial(reasons: [.noRole(request.role, nearest: nearestRole(to: request.role, for: asker))]))
        }
        let matching: [AllowRule]
        switch rules(giving: role, to: asker, reason: .given(request.reason)) {
        case .some(let rules): matching = rules
        case .none(let denial): return .deny(denial)
        }
        let limited = matching.compactMap { rule in
            rule.lifetime.map { (rule: rule, limits: $0, lifetime: min(request.lifetime ?? $0.standard, $0.maximum)) }
        }
        // The rules are in the order of their ids, and only a longer lifetime replaces an earlier one.
        guard let first = limited.first else {
            return .deny(Denial(reasons: [wrongKind(role, request.what.kind)]))
        }
        let chosen = limited.dropFirst().reduce(first) { $1.lifetime > $0.lifetime ? $1 : $0 }
        let subject: Permit.Subject
        do throws(SubjectProblem) {
            guard let found = try self.subject(of: role, for: identity, request.what) else {
                return .deny(Denial(reasons: [wrongKind(role, request.what.kind)]))
            }
            if let type = request.keyType, let allowed = found.keyTypes, !allowed.contains(type) {
                throw .keyTypeOutside(type, allowed: allowed)
            }
            subject = found
        } catch {
            return .deny(Denial(reasons: [.outsideRole(role.reference, error)]))
        }
        var narrowed: [String] = []
        if let wanted = request.lifetime, wanted > chosen.lifetime {
            let (from, to) = (PolicyDuration.text(wanted), PolicyDuration.text(chosen.lifetime))
            narrowed.append("lifetime is \(to) instead of \(from) by \(chosen.rule.reference)")
        }
        return .allow(
            Permit(
                rule: chosen.rule.reference, role: role.name, lifetime: chosen.lifetime, narrowed: narrowed,
                subject: subject))
    }

    /// Whether a role that may be taken has `capability`: the first such role by name.
    package func hasCapability(_ capability: Capability, _ identity: Identity, at instant: Date) -> CapabilityDecision {
        let asker = Asker(identity, groupsByMember: groupsByMember)
        var reasons: [DenialReason] = [.noCapability(capability)]
        for role in roles.values.filter({ $0.capabilities.contains(capability) }).sorted(by: { $0.name < $1.name }) {
            switch rules(giving: role, to: asker, reason: .given(nil)) {
            case .some(let rules):
                if let rule = rules.first { return .allow(rule: rule.reference, role: role.name) }
            case .none(let denial): reasons += denial.reasons
            }
        }
        return .deny(Denial(reasons: reasons))
    }

    /// nil when the role issues no certificates of the kind.
    private func subject(
        of role: Role, for identity: Identity, _ what: AuthorizationRequest.Subject
    ) throws(SubjectProblem) -> Permit.Subject? {
        switch what {
        case .ssh(let logins, let host):
            guard let ssh = role.ssh else { return nil }
            return .ssh(try ssh.permit(for: identity, logins: logins, host: host))
        case .sshHost(let host):
            guard let sshHost = role.sshHost else { return nil }
            return .sshHost(try sshHost.permit(host: host))
        case .x509(let names):
            guard let x509 = role.x509 else { return nil }
            return .x509(try x509.permit(for: identity, names: names))
        }
    }

    private func wrongKind(_ role: Role, _ asked: RequestKind) -> DenialReason {
        .noSuchCertificate(role.reference, asked: asked, issued: role.kinds)
    }
}

extension PolicySet {
    enum Reason {
        case given(String?)
        /// For an overview: as if a fitting one were given.
        case assumed
    }

    enum Rules {
        /// At least one, in the order of their ids.
        case some([AllowRule])
        case none(Denial)
    }

    /// The allow rules that give a role, unless a deny rule takes it away.
    func rules(giving role: Role, to asker: Asker, reason: Reason) -> Rules {
        let denies = (deniesByRole[role.name] ?? []).filter { $0.condition.mayHold(asker) }
        guard denies.isEmpty else {
            return .none(
                Denial(reasons: denies.map { .deniedBy($0.reference, because: $0.condition.mismatches(asker)) }))
        }
        let candidates = allowsByRole[role.name] ?? []
        let matching = candidates.filter { rule in
            guard rule.condition.certainlyHolds(asker) else { return false }
            return if case .given(let reason) = reason { rule.mismatch(reason: reason) == nil } else { true }
        }
        guard matching.isEmpty else { return .some(matching) }
        guard !candidates.isEmpty else { return .none(Denial(reasons: [.noRule(role.reference)])) }
        return .none(
            Denial(
                reasons: candidates.map { rule in
                    var because = rule.condition.mismatches(asker)
                    if case .given(let reason) = reason { because += [rule.mismatch(reason: reason)].compactMap(\.self) }
                    return .notAllowedBy(rule.reference, because: because)
                }))
    }

    func mayTake(_ role: Role, _ asker: Asker) -> Bool {
        if case .some = rules(giving: role, to: asker, reason: .assumed) { true } else { false }
    }

    /// Suggests only what the asker may take: a typing mistake must not list other people's roles.
    private func nearestRole(to name: String, for asker: Asker) -> String? {
        NearestWord.to(name, among: roles.values.filter { mayTake($0, asker) }.map(\.name))
    }
}
