// SPDX-License-Identifier: Apache-2.0
import AuditLog
package import Policies
import X509Certificates

/// Decides what is on record again, under another policy set: what would now be refused, allowed, need approval, live
/// shorter. Pure; what it is told of one decision depends on no other.
package struct PolicyReplay: Sendable {
    private let set: PolicySet

    package init(under set: PolicySet) {
        self.set = set
    }

    /// How a decision would change.
    package enum Change: String, Sendable, CaseIterable, Codable {
        case nowRefused = "now-refused"
        case nowNeedsApproval = "now-needs-approval"
        case nowAllowed = "now-allowed"
        case shorter
        case longer
        /// Other principals or names.
        case otherNames = "other-names"
    }

    package struct Verdict: Sendable {
        /// Empty: all would be as it was.
        package let changes: [Change]
        fileprivate let decided: Decided

        /// Why it would be refused, or which rule would give what. Made when asked for: of a log few are read.
        package var explanation: String {
            switch decided {
            case .allow(let permit): "\(permit.rule) gives \(PolicyDuration.text(permit.lifetime))"
            case .needsApproval(let rule, isBreakGlass: false): "\(rule) wants an approval"
            case .needsApproval(let rule, isBreakGlass: true): "\(rule) gives it as break-glass"
            case .deny(let denial): denial.description
            case .tie(let roles): "several roles reach it: \(roles.joined(separator: ", "))"
            case .invalid: "it is no valid request"
            case .capability: "a role gives the capability"
            }
        }
    }

    package func verdict(on recorded: RecordedQuestion) -> Verdict {
        let decided = decision(on: recorded)
        return Verdict(changes: changes(from: recorded, to: decided), decided: decided)
    }

    private func changes(from recorded: RecordedQuestion, to decided: Decided) -> [Change] {
        switch (recorded.outcome, decided) {
        case (.allowed(let lifetime, let names), .allow(let permit)):
            var changes: [Change] = []
            if permit.lifetime < lifetime { changes.append(.shorter) }
            if permit.lifetime > lifetime, !recorded.wasCutElsewhere { changes.append(.longer) }
            if permit.subject.names != names { changes.append(.otherNames) }
            return changes
        case (_, .allow): return [.nowAllowed]
        case (.needsApproval, .needsApproval): return []
        case (_, .needsApproval): return [.nowNeedsApproval]
        case (.denied, .deny), (.denied, .tie), (.denied, .invalid): return []
        case (_, .deny), (_, .tie), (_, .invalid): return [.nowRefused]
        case (let then, .capability): return then == .denied ? [.nowAllowed] : []
        }
    }

    /// The rule and the role that give it under this set; nil where it does not.
    package func giver(of recorded: RecordedQuestion) -> (rule: String, role: String)? {
        guard case .allow(let permit) = decision(on: recorded) else { return nil }
        return (permit.rule.id, permit.role)
    }

    fileprivate enum Decided: Sendable {
        case allow(Permit)
        case needsApproval(RuleReference, isBreakGlass: Bool)
        case deny(Denial)
        /// The roles that reach the host.
        case tie([String])
        case invalid
        case capability
    }

    private func decision(on recorded: RecordedQuestion) -> Decided {
        switch recorded.question {
        case .certificate(let request):
            let decision = set.decide(recorded.identity, request, at: recorded.instant)
            // What was issued under a grant had its approval.
            if case .needsApproval(let offer) = decision, recorded.isUnderGrant { return .allow(offer.permit) }
            return decided(decision)
        case .capability(let capability):
            switch set.hasCapability(capability, recorded.identity, at: recorded.instant) {
            case .allow: return .capability
            case .deny(let denial): return .deny(denial)
            }
        case .host(let host, let login, let what):
            let request = recorded.event.request
            let choice = set.roleReaching(
                host: host, login: login, reason: request?.reason, ticket: request?.ticket, for: recorded.identity,
                at: recorded.instant)
            switch choice {
            case .none(let denial): return .deny(denial)
            case .tie(let roles): return .tie(roles)
            case .role(let role):
                let question = try? AuthorizationRequest(
                    role: role, what: what, lifetime: recorded.lifetime, reason: request?.reason, ticket: request?.ticket,
                    keyType: request?.keyType.flatMap(KeyType.init(rawValue:)))
                guard let question else { return .invalid }
                return decided(set.decide(recorded.identity, question, at: recorded.instant))
            }
        }
    }

    private func decided(_ decision: Decision) -> Decided {
        switch decision {
        case .allow(let permit): .allow(permit)
        case .needsApproval(let offer): .needsApproval(offer.rule, isBreakGlass: offer.approval.isBreakGlass)
        case .deny(let denial): .deny(denial)
        }
    }
}

extension RecordedQuestion {
    /// A ceiling of the installation or the end of the CA, which no policy can lift.
    fileprivate var wasCutElsewhere: Bool { event.decision?.narrowed != nil }

    fileprivate var isUnderGrant: Bool { event.type == .certificateIssued && event.access != nil }
}

extension Permit.Subject {
    /// As the log has them, sorted.
    fileprivate var names: [String] {
        switch self {
        case .ssh(let permit): return permit.principals.sorted()
        case .sshHost(let permit): return permit.hosts.map(\.text).sorted()
        case .x509(let permit):
            let subject = (permit.commonName.map { ["CN=\($0)"] } ?? []) + permit.organizations.map { "O=\($0)" }
            return (subject + ((try? SubjectNames(permit.names))?.described ?? [])).sorted()
        }
    }
}
