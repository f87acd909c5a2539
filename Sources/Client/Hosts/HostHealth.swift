// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import ServiceAPI

/// Whether a host enforces what was decided, as far as it says.
package enum HostHealth: Equatable, Sendable {
    case upToDate
    /// It enforces an older revocation list than there is; nil: none.
    case behind(enforced: UInt64?, newest: UInt64)
    case problem(String)
    /// It has not been heard of for too long: what it enforces is not known.
    case silent(since: Date)
    case neverHeardOf
    case certificateExpired
    case removed

    /// A host reports every five minutes; three that were missed are no coincidence.
    package static let longestSilence: Double = 15 * 60
}

extension HostSummary {
    /// - Parameter newest: version of the revocation list.
    package func health(at now: Date, newest: UInt64?) -> HostHealth {
        if removedAt != nil { return .removed }
        guard now < certificateValidBefore else { return .certificateExpired }
        guard let report, let reportedAt else { return .neverHeardOf }
        guard now.timeIntervalSince(reportedAt) <= HostHealth.longestSilence else { return .silent(since: reportedAt) }
        if let newest, report.revocationListVersion ?? 0 < newest {
            return .behind(enforced: report.revocationListVersion, newest: newest)
        }
        return report.problem.map { .problem($0) } ?? .upToDate
    }
}

extension HostHealth: CustomStringConvertible {
    package var description: String {
        switch self {
        case .upToDate: "up to date"
        case .behind(let enforced?, let newest): "stale: enforces list \(enforced) of \(newest)"
        case .behind(nil, _): "stale: enforces no list"
        case .problem(let problem): "problem: \(problem)"
        case .silent(let since): "silent since \(since.formatted(.iso8601))"
        case .neverHeardOf: "never reported"
        case .certificateExpired: "certificate expired"
        case .removed: "removed"
        }
    }
}
