// SPDX-License-Identifier: Apache-2.0

/// The language as `docs/policy-language.md` has it, as simple as can be and without a line of the real one: for holding the
/// two against each other. Every list is walked, every minute is looked at.
struct ReferencePolicies {
    /// Three answers: what is unknown is neither yes nor no.
    enum Truth { case yes, no, unknown }

    struct Person {
        var provider = "local"
        var user: String?
        /// nil: the provider did not say.
        var groups: Set<String>?
        var claims: [String: String]?
        var mfa: Bool?
        /// Seconds.
        var loginAge: Int?
        var isInside: Bool?
    }

    struct Who {
        var everyone = false
        var users: [String] = []
        var domain: String?
        var groups: [String] = []
        var provider: String?
        /// Text, or a pattern with one `*` at its end that stays within a part between slashes.
        var ref: String?
        var mfa: Bool?
        /// Minutes.
        var loginWithin: Int?
    }

    struct Window {
        /// 0 is Monday.
        var days: ClosedRange<Int>
        /// Hours of the day, UTC; an end at or before the start is on the next day.
        var from: Int
        var to: Int
    }

    struct Rule {
        var id: String
        var who = Who()
        var insideOnly = false
        var windows: [String] = []
        /// Minutes.
        var standard = 60
        var most = 60
        var reason: String?
        var ticket: String?
        var needsApproval = false
        /// Approval afterwards; only where `needsApproval`.
        var breaksGlass = false
        /// Approval by the rule itself, for up to `most`; only where `needsApproval`.
        var approvesItself = false
    }

    struct Request {
        /// Minutes.
        var lifetime: Int?
        var reason: String?
        var ticket: String?
        var route = Route.issue
    }

    enum Route { case issue, request, breakGlass }

    enum Outcome: Equatable {
        /// Minutes.
        case allow(String, Int)
        case approval(String, Int)
        /// The deny rules that apply.
        case deny([String])
    }

    var windows: [String: Window] = [:]
    /// Users or groups, by group.
    var members: [String: [String]] = [:]
    var nested: [String: [String]] = [:]
    /// One week each, from Monday 2026-01-05T09:00Z.
    var rotations: [String: [String]] = [:]
    var allows: [Rule] = []
    var denies: [Rule] = []

    static let firstHandOver = 1_767_603_600 / 60

    /// - Parameter minute: since 1970-01-01T00:00Z.
    func decide(_ person: Person, _ request: Request, at minute: Int) -> Outcome {
        let fired = denies.filter { holds($0, person, at: minute) != .no }.map(\.id).sorted()
        guard fired.isEmpty else { return .deny(fired) }
        var atOnce: [(rule: Rule, minutes: Int)] = []
        var later: [(rule: Rule, minutes: Int)] = []
        var glass: [(rule: Rule, minutes: Int)] = []
        var itself: [(rule: Rule, minutes: Int)] = []
        var itselfForLess: [(rule: Rule, minutes: Int)] = []
        for rule in allows.sorted(by: { $0.id < $1.id }) where holds(rule, person, at: minute) == .yes {
            guard fits(request.reason, rule.reason), fits(request.ticket, rule.ticket) else { continue }
            let wanted = min(request.lifetime ?? rule.standard, rule.most)
            let candidate = (rule, cut(wanted, rule, person, from: minute))
            if !rule.needsApproval {
                atOnce.append(candidate)
            } else if rule.approvesItself {
                if let asked = request.lifetime, asked > rule.most {
                    itselfForLess.append(candidate)
                } else {
                    itself.append(candidate)
                }
            } else if rule.breaksGlass {
                glass.append(candidate)
            } else {
                later.append(candidate)
            }
        }
        func longest(_ rules: [(rule: Rule, minutes: Int)]) -> (rule: Rule, minutes: Int)? {
            rules.max { $0.minutes < $1.minutes || ($0.minutes == $1.minutes && $0.rule.id > $1.rule.id) }
        }
        let order =
            switch request.route {
            case .issue: [atOnce, itself, itselfForLess, later, glass]
            case .request: [itself, later, itselfForLess, atOnce, glass]
            case .breakGlass: [glass, atOnce, itself, itselfForLess, later]
            }
        guard let chosen = order.compactMap(longest).first else { return .deny([]) }
        return chosen.rule.needsApproval ? .approval(chosen.rule.id, chosen.minutes) : .allow(chosen.rule.id, chosen.minutes)
    }

    /// To the first minute at which the rule does not hold any more or something forbids it.
    private func cut(_ minutes: Int, _ rule: Rule, _ person: Person, from start: Int) -> Int {
        for step in 1..<max(2, minutes) {
            let minute = start + step
            if step >= minutes { break }
            if holds(rule, person, at: minute) != .yes { return step }
            if denies.contains(where: { holds($0, person, at: minute) != .no }) { return step }
        }
        return minutes
    }

    /// What the pattern says is the beginning.
    private func fits(_ text: String?, _ pattern: String?) -> Bool {
        guard let pattern else { return true }
        return text?.hasPrefix(pattern) == true
    }

    func holds(_ rule: Rule, _ person: Person, at minute: Int) -> Truth {
        var truths: [Truth] = [Self.truth(of: rule.who, person, groups: isIn(person, minute))]
        if rule.insideOnly { truths.append(person.isInside.map { $0 ? .yes : .no } ?? .unknown) }
        if !rule.windows.isEmpty {
            let isOpen = rule.windows.contains { name in windows[name].map { Self.isOpen($0, minute) } ?? false }
            truths.append(isOpen ? .yes : .no)
        }
        return Self.all(truths)
    }

    private static func all(_ truths: [Truth]) -> Truth {
        truths.contains(.no) ? .no : truths.contains(.unknown) ? .unknown : .yes
    }

    private static func truth(of who: Who, _ person: Person, groups: (String) -> Truth) -> Truth {
        if who.everyone { return .yes }
        var truths: [Truth] = []
        if !who.users.isEmpty || who.domain != nil {
            let isNamed = person.user.map { user in
                who.users.contains(user) || (who.domain.map { user.hasSuffix("@" + $0) } ?? false)
            }
            truths.append(isNamed == true ? .yes : .no)
        }
        if !who.groups.isEmpty {
            let found = who.groups.map(groups)
            truths.append(found.contains(.yes) ? .yes : found.contains(.unknown) ? .unknown : .no)
        }
        if let provider = who.provider { truths.append(provider == person.provider ? .yes : .no) }
        if let ref = who.ref {
            truths.append(person.claims?["ref"].map { matches($0, ref) ? Truth.yes : .no } ?? .unknown)
        }
        if let mfa = who.mfa { truths.append(person.mfa.map { $0 == mfa ? .yes : .no } ?? .unknown) }
        if let within = who.loginWithin {
            truths.append(person.loginAge.map { $0 <= within * 60 ? .yes : .no } ?? .unknown)
        }
        return all(truths)
    }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        guard pattern.hasSuffix("*") else { return text == pattern }
        let start = pattern.dropLast()
        return text.hasPrefix(start) && !text.dropFirst(start.count).contains("/")
    }

    private func isIn(_ person: Person, _ minute: Int) -> (String) -> Truth {
        func isIn(_ group: String) -> Truth {
            if let user = person.user {
                if members[group]?.contains(user) == true { return .yes }
                if let turns = rotations[group], minute >= Self.firstHandOver,
                    turns[(minute - Self.firstHandOver) / (7 * 24 * 60) % turns.count] == user
                {
                    return .yes
                }
            }
            let inner = (nested[group] ?? []).map(isIn)
            if inner.contains(.yes) { return .yes }
            guard let said = person.groups else { return .unknown }
            if said.contains(group) { return .yes }
            return inner.contains(.unknown) ? .unknown : .no
        }
        return isIn
    }

    private static func isOpen(_ window: Window, _ minute: Int) -> Bool {
        // 1970-01-01 was a Thursday.
        let day = minute / 1440
        let time = minute % 1440
        func starts(_ day: Int) -> Bool { window.days.contains((day + 3) % 7) }
        let (from, to) = (window.from * 60, window.to * 60)
        if to > from { return starts(day) && time >= from && time < to }
        return (starts(day) && time >= from) || (starts(day - 1) && time < to)
    }
}
