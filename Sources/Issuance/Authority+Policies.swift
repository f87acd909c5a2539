// SPDX-License-Identifier: Apache-2.0

import AuditLog
package import Policies

/// Policy sets go live through the log: which rules decided is on record before they decide.
extension Authority {
    package func recordPolicyLoad() async throws {
        try await record(policies.current.set)
    }

    private func record(_ set: PolicySet) async throws {
        try await commit(
            try CommitEntry(event: AuditEvent(time: AuditTime(clock.now), type: .policyLoaded, policy: set.digest)))
    }

    package func replacePolicies(with set: PolicySet) async throws {
        guard set.digest != policies.current.set.digest else {
            policies.replace(with: set, at: policies.current.loadedAt)
            return
        }
        try await record(set)
        policies.replace(with: set, at: clock.now)
    }

    /// The live set stays; status and log say why newer files are not live.
    package func refusePolicies(_ problem: String) async throws {
        policies.refuse(problem)
        guard policies.current.recordedProblem != problem else { return }
        try await commit(
            try CommitEntry(
                event: AuditEvent(
                    time: AuditTime(clock.now), type: .policyRefused, policy: policies.current.set.digest,
                    message: String(Substring(problem.unicodeScalars.prefix(2000))))))
        policies.noteRecorded(problem)
    }
}
