// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Access requests as `docs/access-requests.md` has them, as simple as can be and without a line of the real ones: every
/// seating is tried, nothing is folded.
struct AccessModel {
    /// Policies that the test changes between.
    enum Variant: CaseIterable {
        case plain, moreLogins, fewerLogins, twoLeads, otherRule, shorterGrant, rechecked, kept

        var logins: Set<String> {
            switch self {
            case .moreLogins: ["deploy", "root", "www"]
            case .fewerLogins: ["deploy"]
            default: ["deploy", "root"]
            }
        }

        func rule(of role: String) -> String {
            role == "db" ? "ask-board" : role == "quick" ? "quick-by-leads" : self == .otherRule ? "ask-anew" : "ask"
        }

        /// Seconds, where people approve.
        func grant(of role: String) -> Int {
            role == "quick" ? 5400 : role == "db" || self == .shorterGrant ? 3600 : 7200
        }

        func steps(of role: String) -> [(groups: Set<String>, count: Int)] {
            role == "quick"
                ? [(["leads"], 1)]
                : role == "db" ? [(["leads"], 1), (["board"], 2)] : [(["leads", "admins"], self == .twoLeads ? 2 : 1)]
        }

        /// Whether a grant by this ends with its approvals.
        func rechecks(_ role: String) -> Bool { role == "shell" ? self == .rechecked : self != .kept }

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
            }
        }
    }

    struct Agreement {
        let person: Person
        let steps: Set<Int>
        let duration: Int?
        let host: String?
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

        var narrowedHost: String? { host ?? agreements.compactMap(\.host).first }
        var work: Int { agreements.compactMap(\.duration).reduce(duration, min) }
    }

    enum Status { case pending, scheduled, approved, active, over }

    /// Seconds.
    static let longestByItself = 1800

    var cases: [Case] = []
    var groups: [Person: Set<String>?] = [:]
    var variant = Variant.plain
    var now: Date

    func status(of one: Case) -> Status {
        if one.isClosed { return .over }
        if let until = one.until { return now < until ? .active : .over }
        if let approvedAt = one.approvedAt {
            let start = max(approvedAt, one.starts ?? approvedAt)
            return now < start ? .scheduled : now < start + 600 ? .approved : .over
        }
        return now < one.askedAt + 1800 ? .pending : .over
    }

    func isSameRule(_ one: Case) -> Bool {
        let (then, now) = (one.variant, variant)
        guard then.rule(of: one.role) == now.rule(of: one.role) else { return false }
        return one.role != "shell" || (then == .twoLeads) == (now == .twoLeads)
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
            return !isSameRule(one) || !hasQuorum(one, one.agreements.map { $0.steps.intersection(steps(one, for: $0.person)) })
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
            let seats = one.agreements.map { $0.steps.intersection(steps(one, for: $0.person)) }
            guard hasQuorum(one, seats) else {
                guard status == .approved else { continue }
                cases[index].agreements = zip(one.agreements, seats).filter { $0.steps == $1 }.map(\.0)
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
        guard status(of: one) == .active, let until = one.until, let claimedAt = one.claimedAt,
            !cases.contains(where: { $0.parent == one.id && status(of: $0) != .over }),
            let groups = groups[one.who] ?? nil
        else { return nil }
        let isSame = variant.rule(of: one.role) == one.variant.rule(of: one.role)
        guard one.isAutomatic ? groups.contains("duty") : groups.contains("engineers") && isSame else { return nil }
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
