// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import ServiceAPI

/// Whether a machine goes on by itself, as far as its certificates say.
package enum MachineHealth: Equatable, Sendable {
    case upToDate
    /// Most of the life of its certificate is over, and it asked for no other.
    case overdue
    case expired
    /// It needs a new token.
    case ended
}

extension MachineSummary {
    /// - Returns: overdue is what has less than a sixth of its life before it: the next certificate is asked for at two thirds.
    package func health(at now: Date) -> MachineHealth {
        if hasEnded { return .ended }
        guard now < validBefore else { return .expired }
        let left = validBefore.timeIntervalSince(now)
        return left * 6 < validBefore.timeIntervalSince(issuedAt) ? .overdue : .upToDate
    }
}

extension MachineHealth: CustomStringConvertible {
    package var description: String {
        switch self {
        case .upToDate: "up to date"
        case .overdue: "overdue: it has not asked for its next certificate"
        case .expired: "certificate expired"
        case .ended: "ended by a revocation"
        }
    }
}
