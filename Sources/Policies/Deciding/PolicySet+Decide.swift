// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

extension PolicySet {
    /// Decides. Pure and total: the same set, identity, request and instant always give the same answer.
    ///
    /// `deny` beats `allow`. Of several allow rules those of the request's route come first, then the one that gives the
    /// longest lifetime to this request, then the first by id. The lifetime ends with the permission: with the window or
    /// the turn of the rule, or when a `deny` rule begins.
    package func decide(_ identity: Identity, _ request: AuthorizationRequest, at instant: Date) -> Decision {
        let asker = Asker(identity, groups: groups, at: instant)
        guard let role = roles[request.role] else {
            return .deny(Denial(reasons: [.noRole(request.role, nearest: nearestRole(to: request.role, for: asker))]))
        }
        let choice: Choice
        switch rules(giving: role, to: asker, Justification(reason: request.reason, ticket: request.ticket)) {
        case .some(let all):
            let rules = request.rule.map { id in all.filter { $0.reference.id == id } } ?? all
            if rules.isEmpty, let id = request.rule { return .deny(Denial(reasons: [.noLongerBy(rule: id)])) }
            let foresight = Foresight(self, role: role.name, asker: asker)
            let found = Choice(of: rules, for: request, at: asker.second, foresight)
            guard let found else { return .deny(Denial(reasons: [wrongKind(role, request.what.kind)])) }
            choice = found
        case .none(let denial): return .deny(denial)
        }
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
        guard let approval = choice.rule.approval else {
            return .allow(
                Permit(
                    rule: choice.rule.reference, role: role.name, lifetime: choice.lifetime, ends: choice.end?.date,
                    narrowed: choice.narrowed, subject: subject))
        }
        if request.route == .breakGlass, !approval.isBreakGlass {
            return .deny(Denial(reasons: [.noBreakGlass(role.reference)]))
        }
        return .needsApproval(
            ApprovalOffer(
                rule: choice.rule.reference, role: role.name, lifetime: choice.lifetime, approval: approval,
                ends: choice.end?.date, narrowed: choice.narrowed, subject: subject))
    }

    /// Whether a role that may be taken has `capability`: the first such role by name.
    package func hasCapability(_ capability: Capability, _ identity: Identity, at instant: Date) -> CapabilityDecision {
        let asker = Asker(identity, groups: groups, at: instant)
        var reasons: [DenialReason] = [.noCapability(capability)]
        for role in roles.values.filter({ $0.capabilities.contains(capability) }).sorted(by: { $0.name < $1.name }) {
            switch rules(giving: role, to: asker, Justification()) {
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
