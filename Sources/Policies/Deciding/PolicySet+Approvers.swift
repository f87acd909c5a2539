// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

extension PolicySet {
    /// Whether the approval of `identity` counts for a step; what is unknown does not. That people never count for their
    /// own requests is for the caller to keep.
    package func isApprover(_ identity: Identity, of step: ApprovalStep, at instant: Date) -> Bool {
        isOne(identity, of: step.by, at: instant)
    }

    /// As `isApprover`, of reviewers too, and of people whom no rule of this set names, but one of an earlier set did.
    package func isOne(_ identity: Identity, of approvers: Approvers, at instant: Date) -> Bool {
        Condition(who: approvers.who).certainlyHolds(
            Asker(identity, groups: groups.naming(approvers.groups), at: instant))
    }

    /// Why nobody gets to a host by SSH with a role, whoever they are; nil: they may.
    package func problem(reaching host: HostName, withRole name: String) -> SubjectProblem? {
        guard let ssh = roles[name]?.ssh else { return .hostOutside(host, zones: []) }
        return ssh.problem(reaching: host)
    }

    /// The approval that an allow rule asks for now; nil where there is no such rule, or it gives at once.
    package func approval(ofRule id: String) -> ApprovalRequirement? {
        allows.first { $0.reference.id == id }?.approval
    }

    /// The allow rules whose grants end with the approvals that they rest on.
    package var rulesThatRecheck: [String] {
        allows.filter { $0.approval?.recheck == .revoke }.map(\.reference.id)
    }
}
