// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// Why a rule does not apply. Says what is missing, never whom else the rule names.
package enum Mismatch: Hashable, Sendable {
    case otherUser
    case notInGroups(Set<String>)
    /// In one of these groups, but only when it is their turn.
    case notOnDuty(Set<String>)
    case groupsUnknown
    case otherProvider(String)
    case claimDiffers(name: String, value: ClaimValue)
    /// As `claimDiffers`, of a rule with patterns.
    case claimUnlike(name: String, value: ClaimValue)
    case claimUnknown(name: String)
    case mfaMissing
    case mfaPresent
    case mfaUnknown
    case authenticatedTooLongAgo(age: Duration, limit: Duration)
    case authenticationUnknown(limit: Duration)
    /// `opening`: when the next of them opens, RFC 3339 in UTC; nil when none does any more.
    case outsideWindows([String], opening: String?)
    case otherNetwork(IPAddress)
    case addressUnknown
    case reasonMissing(pattern: String?)
    case reasonUnlike(pattern: String)
    case ticketMissing(pattern: String?)
    case ticketUnlike(pattern: String)

    /// Not a "no": the provider did not say what it should have. A `deny` rule takes it for a match.
    var isUnknown: Bool {
        switch self {
        case .groupsUnknown, .claimUnknown, .mfaUnknown, .authenticationUnknown, .addressUnknown: true
        default: false
        }
    }

    /// Nothing but time need pass for it to end.
    var passes: Bool {
        switch self {
        case .notOnDuty, .outsideWindows: true
        default: false
        }
    }
}

extension Mismatch: CustomStringConvertible {
    package var description: String {
        switch self {
        case .otherUser: "it names other users"
        case .notInGroups(let groups):
            (groups.count == 1 ? "you are not in group " : "you are in none of the groups ") + Self.list(groups.sorted())
        case .notOnDuty(let groups):
            "it is not your turn in " + (groups.count == 1 ? "group " : "groups ") + Self.list(groups.sorted())
        case .groupsUnknown: "your groups are unknown"
        case .otherProvider(let provider): "you come from provider `\(printable: provider)`"
        case .claimDiffers(let name, let value): "your claim `\(name)` is \(value)"
        case .claimUnlike(let name, let value): "your claim `\(name)` is \(value), which matches no pattern of the rule"
        case .claimUnknown(let name): "your claim `\(name)` is unknown"
        case .mfaMissing: "you logged in without a second factor"
        case .mfaPresent: "you logged in with a second factor"
        case .mfaUnknown: "whether you used a second factor is unknown"
        case .authenticatedTooLongAgo(let age, let limit):
            "log in again: the rule wants a login within \(PolicyDuration.text(limit)), "
                + "yours was \(PolicyDuration.rough(age)) ago"
        case .authenticationUnknown(let limit):
            "log in again: the rule wants a login within \(PolicyDuration.text(limit)), and when yours was is unknown"
        case .outsideWindows(let names, let opening):
            "it is outside " + (names.count == 1 ? "window " : "windows ") + Self.list(names)
                + (opening.map { ", open again at \($0)" } ?? ", which will not open again")
        case .otherNetwork(let address): "\(address) is outside its networks"
        case .addressUnknown: "your address is unknown"
        case .reasonMissing(nil): "a reason is missing; give one"
        case .reasonMissing(let pattern?): "a reason is missing; give one that matches `\(pattern)`"
        case .reasonUnlike(let pattern): "the reason does not match `\(pattern)`"
        case .ticketMissing(nil): "a ticket is missing; give one"
        case .ticketMissing(let pattern?): "a ticket is missing; give one that matches `\(pattern)`"
        case .ticketUnlike(let pattern): "the ticket does not match `\(pattern)`"
        }
    }

    private static func list(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }
}
