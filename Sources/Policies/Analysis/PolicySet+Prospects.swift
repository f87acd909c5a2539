// SPDX-License-Identifier: Apache-2.0

import StrictYAML

package import struct FoundationEssentials.Date

/// A role that somebody can have, or could have if what is open came true.
package struct Prospect: Sendable, Hashable, Encodable {
    package let role: String
    /// Id of the allow rule, and where it stands.
    package let rule: String
    package let place: String
    /// What is still missing or not known; empty: it is theirs now.
    package let open: [String]
    package let approval: String?
    /// Seconds; nil for a role of capabilities alone.
    package let longestLifetime: Int?
    /// The deny rules that take it away, or may.
    package let deniedBy: [String]
}

extension PolicySet {
    /// All roles with every rule that gives them to an identity, by name: certain, open, or taken away.
    package func prospects(of identity: Identity, at instant: Date) -> [Prospect] {
        let asker = Asker(identity, groups: groups, at: instant)
        return roles.values.sorted { $0.name < $1.name }.flatMap { role -> [Prospect] in
            let denying = denies.filter { $0.roles.contains(role.name) && $0.condition.mayHold(asker) }
            return allows.filter { $0.roles.contains(role.name) }.compactMap { rule in
                let missing = rule.condition.mismatches(asker)
                guard missing.allSatisfy(\.mayChange),
                    !missing.contains(where: \.passes) || Foresight.comes(rule.condition, asker)
                else { return nil }
                let demands = rule.mismatches(Justification())
                return Prospect(
                    role: role.name, rule: rule.reference.id, place: rule.reference.position.fileAndLine,
                    open: (missing + demands).map(\.description), approval: rule.approval?.description,
                    longestLifetime: role.kinds.isEmpty ? nil : rule.lifetime.map { Int($0.maximum.components.seconds) },
                    deniedBy: denying.map { deny in
                        let because = deny.condition.mismatches(asker).map(\.description)
                        return "\(deny.reference)" + (because.isEmpty ? "" : ": " + because.joined(separator: ", and "))
                    })
            }
        }
    }
}

extension Prospect: CustomStringConvertible {
    package var description: String {
        var lines = ["\(deniedBy.isEmpty ? (open.isEmpty ? "✔" : "·") : "✘") \(role) by \(place) (`\(rule)`)"]
        lines += deniedBy.map { "    denied by \($0)" }
        lines += open.map { "    \($0)" }
        if let approval { lines.append("    after approval: \(approval)") }
        if let longestLifetime { lines.append("    for at most \(PolicyDuration.text(.seconds(longestLifetime)))") }
        return lines.joined(separator: "\n")
    }
}

extension Mismatch {
    /// Whether the same person could still meet it: at another time or place, after another login, with what is missing.
    var mayChange: Bool {
        switch self {
        case .otherUser, .notInGroups, .otherProvider, .claimDiffers, .claimUnlike, .mfaPresent,
            .outsideWindows(_, opening: nil):
            false
        case .notOnDuty, .groupsUnknown, .claimUnknown, .mfaMissing, .mfaUnknown, .authenticatedTooLongAgo,
            .authenticationUnknown, .outsideWindows, .otherNetwork, .addressUnknown, .reasonMissing, .reasonUnlike,
            .ticketMissing, .ticketUnlike:
            true
        }
    }
}
