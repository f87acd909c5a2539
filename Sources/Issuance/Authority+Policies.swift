// SPDX-License-Identifier: Apache-2.0

package import AuditLog
import FoundationEssentials
package import Policies

/// Policy sets go live through the log: which rules decided is on record before they decide.
extension Authority {
    package func recordPolicyLoad() async throws {
        try await record(policies.current.set, from: policies.current.source, at: clock.now)
    }

    private func record(_ set: PolicySet, from source: AuditEvent.PolicySource?, at time: Date) async throws {
        var entry = try CommitEntry(
            event: AuditEvent(time: AuditTime(time), type: .policyLoaded, policy: set.digest, policySource: source))
        entry.policy = PolicyRecord(digest: set.digest, source: source, loadedAt: time)
        entry.notifications = try await newsOfPolicies(set, at: time)
        try await commit(entry)
    }

    /// - Parameter source: the commit it was read from.
    package func replacePolicies(with set: PolicySet, from source: AuditEvent.PolicySource?) async throws {
        let live = policies.current
        guard set.digest != live.set.digest || source != live.source else {
            policies.replace(with: set, from: source, at: clock.now, loadedAt: live.loadedAt)
            return
        }
        let now = clock.now
        try await record(set, from: source, at: now)
        policies.replace(with: set, from: source, at: now)
    }

    /// The live set stays; status and log say why newer files are not live.
    package func refusePolicies(_ problem: String) async throws {
        policies.refuse(problem, at: clock.now)
        guard policies.current.recordedProblem != problem else { return }
        try await commit(
            try CommitEntry(
                event: AuditEvent(
                    time: AuditTime(clock.now), type: .policyRefused, policy: policies.current.set.digest,
                    message: String(Substring(problem.unicodeScalars.prefix(2000))))))
        policies.noteRecorded(problem)
    }
}
