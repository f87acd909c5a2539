// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import FoundationEssentials
import Policies

/// Grants in use that end with the approvals they rest on. Nobody asks when an approver leaves a group, a policy changes or a
/// key is gone, so somebody has to look.
extension Authority {
    private static let pageSize = 200

    /// Takes away each grant in use whose approvals are no longer enough, where the rule says `recheck: revoke`, or said so when
    /// it was asked: the stricter of the two counts. One that cannot be looked at keeps none of the others.
    /// - Returns: how many were taken away.
    package func recheckGrants() async throws -> Int {
        let moment = Moment(policies: policies.current.set, clock: clock)
        var filter = AccessFilter(limit: Self.pageSize)
        filter.closesAfter = moment.instant
        var asked = filter
        asked.isRechecked = true
        var records = try await accessRecords(matching: asked)
        for rule in moment.policies.rulesThatRecheck {
            filter.rule = rule
            records += try await accessRecords(matching: filter).filter { !$0.summary.isRechecked }
        }
        var (count, problem) = (0, (any Error)?.none)
        for record in records {
            do {
                if try await recheck(record) { count += 1 }
            } catch {
                problem = problem ?? error
            }
        }
        if let problem { throw problem }
        return count
    }

    /// The same question as for a certificate under it.
    private func recheck(_ record: AccessRecord) async throws -> Bool {
        var found = try AccessCase(record)
        return try await retrying {
            let moment = Moment(policies: policies.current.set, clock: clock)
            let (history, request) = (found.history, found.history.request)
            guard history.status(at: moment.instant) == .active else { return false }
            let requirement = moment.policies.approval(ofRule: request.rule)
            guard request.isRechecked || requirement?.recheck == .revoke else { return false }
            let (why, lost): (String, [String]?)
            if let change = request.change(to: requirement) {
                (why, lost) = (AccessError.ruleChanged(rule: request.rule, change).description, nil)
            } else {
                guard let requirement, let loss = try await lossOfQuorum(of: history, under: requirement, at: moment) else {
                    return false
                }
                (why, lost) = (loss.description, loss.people)
            }
            if try await close(found, as: .accessRevoked, note: why, lost: lost, by: nil, at: moment) { return true }
            found = try await accessCase(record.summary.id)
            return nil
        }
    }
}
