// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Access requests as `docs/access-requests.md` has them, as simple as can be and without a line of the real ones: every
/// seating is tried, nothing is folded.
struct AccessModel {
    /// Policies that the test changes between.
    enum Variant: CaseIterable {
        case plain, moreLogins, fewerLogins, twoLeads, otherRule, shorterGrant, rechecked, kept, signed, otherReviewers

        var logins: Set<String> {
            switch self {
            case .moreLogins: ["deploy", "root", "www"]
            case .fewerLogins: ["deploy"]
            default: ["deploy", "root"]
            }
        }

        func rule(of role: String) -> String {
            switch role {
            case "db": "ask-board"
            case "quick": "quick-by-leads"
            case "rescue": "glass"
            default: self == .otherRule ? "ask-anew" : "ask"
            }
        }

        /// Who reviews broken glass.
        var reviewers: String { self == .otherReviewers ? "board" : "security" }

        func signs(_ role: String) -> Bool { role == "shell" && self == .signed }

        /// Seconds, where people approve.
        func grant(of role: String) -> Int {
            switch role {
            case "quick": 5400
            case "db": 3600
            case "rescue": 1800
            default: self == .shorterGrant ? 3600 : 7200
            }
        }

        func steps(of role: String) -> [(groups: Set<String>, count: Int)] {
            switch role {
            case "quick": [(["leads"], 1)]
            case "db": [(["leads"], 1), (["board"], 2)]
            case "rescue": []
            default: [(["leads", "admins"], self == .twoLeads ? 2 : 1)]
            }
        }

        /// Whether a grant by this ends with its approvals.
        func rechecks(_ role: String) -> Bool {
            switch role {
            case "shell": self == .rechecked
            case "rescue": false
            default: self != .kept
            }
        }

        func text(_ policy: String) -> String {
            switch self {
            case .plain: policy
            case .moreLogins: policy.replacing("logins: [deploy, root]", with: "logins: [deploy, root, www]")
            case .fewerLogins: policy.replacing("logins: [deploy, root]", with: "logins: [deploy]")
            case .twoLeads: policy.replacing("{groups: [leads, admins]}}]", with: "{groups: [leads, admins]}, count: 2}]")
            case .otherRule: policy.replacing("id: ask\n", with: "id: ask-anew\n")
            case .shorterGrant: policy.replacing("grant: 2h", with: "grant: 1h")
            case .rechecked: policy.replacing("grant: 2h", with: "grant: 2h, recheck: revoke")
            case .kept: policy.replacing("recheck: revoke", with: "recheck: keep")
            case .signed: policy.replacing("grant: 2h", with: "grant: 2h, signed: key")
            case .otherReviewers: policy.replacing("{by: {groups: [security]}", with: "{by: {groups: [board]}")
            }
        }
    }

    struct Agreement {
        let person: Person
        var steps: Set<Int>
        let duration: Int?
        let host: String?
        /// The number of the key that it is signed with.
        let key: Int?
    }

    struct Case {
        let id: String
        let who: Person
        let role: String
        let host: String?
        let duration: Int
        let variant: Variant
        let askedAt: Date
        /// The rule approved it by itself.
        var isAutomatic = false
        var starts: Date?
        var parent: String?
        /// Of an extension: when the first of them was claimed, and when all of them are over.
        var since: Date?
        var latest: Date?
        var claimedAt: Date?
        var agreements: [Agreement] = []
        var approvedAt: Date?
        var until: Date?
        var isClosed = false
        var reviewedAt: Date?

        var isGlass: Bool { role == "rescue" }
        var claimWithin: Double { isGlass ? 300 : 600 }
        /// nil where there is nothing to review, or it was.
        var reviewDue: Date? { isGlass && reviewedAt == nil ? claimedAt.map { $0 + 86_400 } : nil }
        /// Rights are counted from a whole second on.
        var claimedInSecond: Date? {
            claimedAt.map { Date(timeIntervalSince1970: $0.timeIntervalSince1970.rounded(.down)) }
        }

        var narrowedHost: String? { host ?? agreements.compactMap(\.host).first }
        var work: Int { agreements.compactMap(\.duration).reduce(duration, min) }
    }

    enum Status { case pending, scheduled, approved, active, over }

    /// Seconds.
    static let longestByItself = 1800

    var cases: [Case] = []
    var groups: [Person: Set<String>?] = [:]
    /// The number of the key that the user file has of an approver.
    var keys: [Person: Int] = [:]
    /// Of the server that is asked.
    var variant = Variant.plain
    var now: Date

    /// There is one rule for broken glass, so that an overdue review holds up all of it.
    var isReviewOverdue: Bool { cases.contains { one in one.reviewDue.map { $0 <= now } ?? false } }

    func isIn(_ person: Person, _ wanted: Set<String>) -> Bool { (groups[person] ?? nil)?.isDisjoint(with: wanted) == false }

    func isReviewer(_ person: Person, of one: Case) -> Bool {
        one.isGlass && isIn(person, [one.variant.reviewers, variant.reviewers])
    }

    /// Who agreed, could have or could now, reviews it, or may revoke anything.
    func mayTakeAway(_ one: Case, _ person: Person) -> Bool {
        guard person != one.who, let own = groups[person] ?? nil else { return false }
        let now = variant.rule(of: one.role) == one.variant.rule(of: one.role) ? variant.steps(of: one.role) : []
        return own.contains("admins") || isReviewer(person, of: one) || one.agreements.contains { $0.person == person }
            || !one.isAutomatic && (one.variant.steps(of: one.role) + now).contains { !$0.groups.isDisjoint(with: own) }
    }

    func isSigned(_ one: Case) -> Bool { variant.signs(one.role) || one.variant.signs(one.role) }

    /// What is left of each agreement.
    func seats(of one: Case) -> [Set<Int>] {
        one.agreements.map { agreement in
            let key = keys[agreement.person]
            let isHeld = key != nil || agreement.key != nil || isSigned(one)
            guard !isHeld || agreement.key != nil && agreement.key == key else { return [] }
            return agreement.steps.intersection(steps(one, for: agreement.person))
        }
    }

    func status(of one: Case) -> Status {
        if one.isClosed { return .over }
        if let until = one.until { return now < until ? .active : .over }
        if let approvedAt = one.approvedAt {
            let start = max(approvedAt, one.starts ?? approvedAt)
            return now < start ? .scheduled : now < start + one.claimWithin ? .approved : .over
        }
        return now < one.askedAt + 1800 ? .pending : .over
    }

    func isSameRule(_ one: Case) -> Bool {
        let (then, now) = (one.variant, variant)
        guard then.rule(of: one.role) == now.rule(of: one.role) else { return false }
        return one.isGlass
            ? then.reviewers == now.reviewers : one.role != "shell" || (then == .twoLeads) == (now == .twoLeads)
    }

    func steps(_ one: Case, for person: Person) -> Set<Int> {
        guard !one.isAutomatic, isSameRule(one), let groups = groups[person] ?? nil else { return [] }
        let steps = variant.steps(of: one.role)
        return Set(steps.indices.filter { !steps[$0].groups.isDisjoint(with: groups) })
    }

    /// Whether these people, each in one seat, fill every seat of the rule as it is.
    func hasQuorum(_ one: Case, _ seats: [Set<Int>]) -> Bool {
        let counts = variant.steps(of: one.role).map(\.count)
        func fills(_ rest: ArraySlice<Set<Int>>, _ seated: [Int]) -> Bool {
            guard let next = rest.first else { return zip(seated, counts).allSatisfy { $0 >= $1 } }
            return fills(rest.dropFirst(), seated)
                || next.contains { step in
                    var more = seated
                    more[step] += 1
                    return fills(rest.dropFirst(), more)
                }
        }
        return fills(seats[...], counts.map { _ in 0 })
    }

    /// What a look at all grants in use ends: not one is left whose approvals are not enough.
    /// - Returns: how many.
    mutating func recheck() -> Int {
        let lost = cases.filter { one in
            let isOfThisRule = one.variant.rule(of: one.role) == variant.rule(of: one.role)
            guard status(of: one) == .active, !one.isAutomatic,
                one.variant.rechecks(one.role) || isOfThisRule && variant.rechecks(one.role)
            else { return false }
            return !isSameRule(one) || !hasQuorum(one, seats(of: one))
        }
        for one in lost { close(one.id) }
        return lost.count
    }

    /// What an attempt to take a certificate must come to, and what it does to the cases that were looked at.
    /// - Returns: the ids under which it may be issued, each with the end of its grant.
    mutating func take(_ role: String, by person: Person, host: String?) -> [String: Date] {
        var usable: [String: Date] = [:]
        let isEngineer = (groups[person] ?? nil)?.contains("engineers") == true
        let second = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
        for index in cases.indices {
            let one = cases[index]
            let status = status(of: one)
            guard one.who == person, one.role == role, status == .approved || status == .active else { continue }
            if let own = one.narrowedHost, let host, own != host { continue }
            let hasGrown = role == "shell" && !variant.logins.isSubset(of: one.variant.logins)
            if one.isAutomatic {
                guard (groups[person] ?? nil)?.contains("duty") == true else { continue }
                let until = one.until ?? end(of: one, Self.longestByItself, from: second)
                if second < until { usable[one.id] = until }
                continue
            }
            guard isEngineer, isSameRule(one), !hasGrown else { continue }
            if one.isGlass, isReviewOverdue { continue }
            let seats = seats(of: one)
            guard one.isGlass || hasQuorum(one, seats) else {
                guard status == .approved else { continue }
                for (place, left) in seats.enumerated() { cases[index].agreements[place].steps = left }
                cases[index].agreements.removeAll { $0.steps.isEmpty }
                cases[index].approvedAt = nil
                continue
            }
            let until = one.until ?? end(of: one, variant.grant(of: role), from: second)
            if second < until { usable[one.id] = until }
        }
        return usable
    }

    /// Nothing in these policies says that extensions together may last longer than a grant.
    private func end(of one: Case, _ most: Int, from second: Date) -> Date {
        let own = second + Double(min(one.work, most))
        guard let since = one.since, let latest = one.latest else { return own }
        return min(own, latest, since + Double(most))
    }

    /// What a request to extend this by so many seconds is for; nil: it is refused.
    func `extension`(of one: Case, by seconds: Int) -> (duration: Int, since: Date, latest: Date)? {
        guard status(of: one) == .active, let until = one.until, let claimedAt = one.claimedInSecond,
            !cases.contains(where: { $0.parent == one.id && status(of: $0) != .over }),
            let groups = groups[one.who] ?? nil
        else { return nil }
        let isSame = variant.rule(of: one.role) == one.variant.rule(of: one.role)
        guard one.isAutomatic ? groups.contains("duty") : groups.contains("engineers") && isSame else { return nil }
        if one.isGlass, isReviewOverdue { return nil }
        let most = one.isAutomatic ? Self.longestByItself : variant.grant(of: one.role)
        let since = one.since ?? claimedAt
        let left = Int((since + Double(most)).timeIntervalSince(until))
        guard left > 0 else { return nil }
        return (min(seconds, most, left), since, since + Double(most))
    }

    /// Everything that is closed with a case.
    func descendants(of id: String) -> [String] {
        cases.filter { $0.parent == id }.flatMap { [$0.id] + descendants(of: $0.id) }
    }

    mutating func close(_ id: String) {
        for closed in [id] + descendants(of: id) {
            guard let index = cases.firstIndex(where: { $0.id == closed }) else { continue }
            if status(of: cases[index]) != .over { cases[index].isClosed = true }
        }
    }
}
