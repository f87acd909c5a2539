// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// One role that an identity may take, for an overview.
package struct RoleSummary: Hashable, Sendable {
    package let name: String
    package let description: String?
    package let kinds: [RequestKind]
    /// Sorted; for SSH user and host certificates.
    package let zones: [String]
    /// Sorted; empty when the identity lacks a value that the role needs.
    package let logins: [String]
    package let capabilities: [Capability]
    /// The rule that gives the longest lifetime, without approval if there is one, and what it gives.
    package let rule: RuleReference
    package let standardLifetime: Duration?
    package let maximumLifetime: Duration?
    /// Whether every rule that gives the role wants a reason.
    package let reasonRequired: Bool
    package let ticketRequired: Bool
    /// Whether every rule that gives the role needs approval.
    package let needsApproval: Bool
}

/// Which role `mayfly ssh HOST` takes.
package enum RoleChoice: Hashable, Sendable {
    case role(String)
    case none(Denial)
    /// Sorted; the person has to choose.
    case tie([String])
}

extension PolicySet {
    /// The roles an identity may take, by name. A reason and a ticket that rules want are taken for given.
    package func roles(for identity: Identity, at instant: Date) -> [RoleSummary] {
        let asker = Asker(identity, groups: groups, at: instant)
        return roles.values.sorted { $0.name < $1.name }.compactMap { role in
            guard case .some(let all) = rules(giving: role, to: asker, nil) else { return nil }
            let atOnce = all.filter { $0.approval == nil }
            let rules = atOnce.isEmpty ? all : atOnce
            guard let first = rules.first else { return nil }
            let longest = rules.dropFirst().reduce(first) { best, rule in
                guard let lifetime = rule.lifetime else { return best }
                guard let other = best.lifetime else { return rule }
                return lifetime.maximum > other.maximum ? rule : best
            }
            let zones = Set((role.ssh?.zones ?? []) + (role.sshHost?.zones ?? [])).map(\.name).sorted()
            let logins = (try? role.ssh?.logins.expanded(for: identity, as: .login)) ?? []
            return RoleSummary(
                name: role.name, description: role.description, kinds: role.kinds, zones: zones, logins: logins.sorted(),
                capabilities: role.capabilities.sorted { $0.rawValue < $1.rawValue }, rule: longest.reference,
                standardLifetime: longest.lifetime?.standard, maximumLifetime: longest.lifetime?.maximum,
                reasonRequired: all.allSatisfy { $0.reason?.isRequired == true },
                ticketRequired: all.allSatisfy { $0.ticket?.isRequired == true }, needsApproval: atOnce.isEmpty)
        }
    }

    /// Of the roles that reach a host without approval, or if there are none after approval, the one whose rights all
    /// others have too. Where there is none such, a tie of those that no other role is less than.
    package func roleReaching(
        host: HostName, login: String?, reason: String? = nil, ticket: String? = nil, for identity: Identity, at instant: Date
    ) -> RoleChoice {
        var (atOnce, afterApproval): ([Reaching], [Reaching]) = ([], [])
        var reasons: [DenialReason] = [.noRoleReaching(host)]
        for role in roles.values.sorted(by: { $0.name < $1.name }) {
            guard let ssh = role.ssh, ssh.zones.contains(where: { $0.contains(host) }) else { continue }
            let what = AuthorizationRequest.Subject.ssh(logins: login.map { [$0] }, host: host)
            guard let request = try? AuthorizationRequest(role: role.name, what: what, reason: reason, ticket: ticket) else {
                continue
            }
            let zones = Set(ssh.zones.map(\.name))
            switch decide(identity, request, at: instant) {
            case .allow(let permit):
                guard case .ssh(let permit) = permit.subject else { continue }
                atOnce.append((role.name, SSHRights(permit: permit, zones: zones)))
            case .needsApproval(let offer):
                guard case .ssh(let permit) = offer.subject else { continue }
                afterApproval.append((role.name, SSHRights(permit: permit, zones: zones)))
            case .deny(let denial): reasons += denial.reasons
            }
        }
        let reaching = atOnce.isEmpty ? afterApproval : atOnce
        let least = reaching.filter { candidate in reaching.allSatisfy { candidate.rights.isWithin($0.rights) } }
        if least.count == 1 { return .role(least[0].role) }
        let minimal = reaching.filter { candidate in
            !reaching.contains { $0.rights.isWithin(candidate.rights) && !candidate.rights.isWithin($0.rights) }
        }
        return minimal.isEmpty ? .none(Denial(reasons: reasons)) : .tie(minimal.map(\.role))
    }

    private typealias Reaching = (role: String, rights: SSHRights)
}

/// What a certificate lets one do, in a form that can be compared.
private struct SSHRights {
    let permit: SSHPermit
    let zones: Set<String>

    /// Whether whoever has `other` has nothing to gain here.
    func isWithin(_ other: SSHRights) -> Bool {
        let (mine, theirs) = (permit, other.permit)
        return Set(mine.principals).isSubset(of: theirs.principals)
            && Set(mine.extensions).isSubset(of: theirs.extensions)
            && (theirs.forceCommand == nil || mine.forceCommand == theirs.forceCommand)
            && (theirs.sourceAddresses.isEmpty || mine.sourceAddresses == theirs.sourceAddresses)
            && (mine.verifyRequired || !theirs.verifyRequired)
            && (mine.endsSessionAtExpiry || !theirs.endsSessionAtExpiry)
            && zones.isSubset(of: other.zones)
    }
}
