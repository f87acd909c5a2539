// SPDX-License-Identifier: Apache-2.0

/// The language as `docs/policy-language.md` has it, as simple as can be and without a line of the real one: for holding the
/// two against each other. Every list is walked, every minute is looked at.
struct ReferencePolicies {
    /// Three answers: what is unknown is neither yes nor no.
    enum Truth { case yes, no, unknown }

    struct Person {
        var provider = "local"
        var user: String?
        var login: String?
        /// nil: the provider did not say.
        var groups: Set<String>?
        var claims: [String: Claim]?
        var mfa: Bool?
        /// Seconds; of a login in the future less than none.
        var loginAge: Int?
        var address: String?

        var isInside: Bool? { address.map { $0.hasPrefix("10.") } }
    }

    enum Claim {
        case text(String)
        case list([String])
        /// The provider says that there is none.
        case absent
    }

    struct Who {
        var everyone = false
        var users: [String] = []
        var domain: String?
        var groups: [String] = []
        var provider: String?
        /// Any of these, texts or patterns.
        var ref: [String] = []
        var mfa: Bool?
        /// Minutes.
        var loginWithin: Int?
    }

    struct Window {
        /// 0 is Monday.
        var days: ClosedRange<Int>
        /// Hours of the day; an end at or before the start is on the next day.
        var from: Int
        var to: Int
        /// Days since 1970-01-01.
        var dates: ClosedRange<Int>?
        var timeZone = "UTC"
    }

    /// One week each, from Monday 2026-01-05 at `hour`.
    struct Rotation {
        var members: [String]
        var hour = 9
        var timeZone = "UTC"
        /// Who stands in, by the day that begins at `hour`.
        var overrides: [Int: [String]] = [:]
    }

    struct Demand {
        var isRequired = true
        /// What it must begin with.
        var beginning: String?
    }

    enum Approval {
        case steps
        /// By the rule itself, for so many minutes.
        case automatic(Int)
        case breakGlass
    }

    struct Rule {
        var id: String
        var who = Who()
        /// Names, and patterns.
        var roles: [String]
        var insideOnly = false
        var windows: [String] = []
        /// Minutes; nil: 60, or `most` where that is less.
        var standard: Int?
        var most = 60
        var reason: Demand?
        var ticket: Demand?
        var approval: Approval?
    }

    struct Request {
        var role: String
        var what: What
        var keyType: String?
        /// Minutes.
        var lifetime: Int?
        var reason: String?
        var ticket: String?
        var route = Route.issue
    }

    enum What {
        case ssh(logins: [String]?, host: String?)
        case sshHost(String)
        case x509(names: [String]?)
    }

    enum Route { case issue, request, breakGlass }

    enum Outcome: Equatable {
        /// Minutes, and everything that the certificate says.
        case allow(String, Int, Set<String>)
        case approval(String, Int, Set<String>)
        /// The deny rules that apply.
        case deny([String])
    }

    var zones: [String: [String]] = [:]
    var windows: [String: Window] = [:]
    /// Users, by group.
    var members: [String: [String]] = [:]
    /// Groups, by group.
    var nested: [String: [String]] = [:]
    var rotations: [String: Rotation] = [:]
    var roles: [String: Role] = [:]
    var allows: [Rule] = []
    var denies: [Rule] = []

    static let firstTurn = 20_458  // 2026-01-05, in days since 1970-01-01

    /// - Parameter minute: since 1970-01-01T00:00Z; in 2026.
    func decide(_ person: Person, _ request: Request, at minute: Int) -> Outcome {
        guard let role = roles[request.role] else { return .deny([]) }
        let denies = denies.filter { covers($0, request.role) }
        let fired = denies.filter { holds($0, person, at: minute) != .no }.map(\.id).sorted()
        guard fired.isEmpty else { return .deny(fired) }

        typealias Candidate = (rule: Rule, minutes: Int)
        var (atOnce, itself, itselfForLess, steps, glass): ([Candidate], [Candidate], [Candidate], [Candidate], [Candidate])
        (atOnce, itself, itselfForLess, steps, glass) = ([], [], [], [], [])
        for rule in allows where covers(rule, request.role) && holds(rule, person, at: minute) == .yes {
            guard isMet(rule.reason, by: request.reason), isMet(rule.ticket, by: request.ticket) else { continue }
            let wanted = min(request.lifetime ?? rule.standard ?? 60, rule.most)
            let candidate = (rule, cut(wanted, rule, denies, person, from: minute))
            switch rule.approval {
            case nil: atOnce.append(candidate)
            case .automatic(let grant) where (request.lifetime ?? 0) <= grant: itself.append(candidate)
            case .automatic: itselfForLess.append(candidate)
            case .steps: steps.append(candidate)
            case .breakGlass: glass.append(candidate)
            }
        }
        let order =
            switch request.route {
            case .issue: [atOnce, itself, itselfForLess, steps, glass]
            case .request: [itself, steps, itselfForLess, atOnce, glass]
            case .breakGlass: [glass, atOnce]
            }
        guard let first = order.first(where: { !$0.isEmpty }) else { return .deny([]) }
        let most = first.map(\.minutes).max()
        guard let chosen = first.filter({ $0.minutes == most }).min(by: { $0.rule.id < $1.rule.id }),
            let facts = facts(of: role, person, request)
        else { return .deny([]) }
        return chosen.rule.approval == nil
            ? .allow(chosen.rule.id, chosen.minutes, facts) : .approval(chosen.rule.id, chosen.minutes, facts)
    }

    /// To the first minute at which the rule does not hold any more or something forbids it.
    private func cut(_ minutes: Int, _ rule: Rule, _ denies: [Rule], _ person: Person, from start: Int) -> Int {
        for step in 1..<max(2, minutes) {
            let minute = start + step
            if step >= minutes { break }
            if holds(rule, person, at: minute) != .yes { return step }
            if denies.contains(where: { holds($0, person, at: minute) != .no }) { return step }
        }
        return minutes
    }

    /// Of roles without certificates, which are taken without reason, ticket and approval.
    func rulesGive(_ role: String, _ person: Person, at minute: Int) -> Bool {
        allows.contains { covers($0, role) && holds($0, person, at: minute) == .yes }
            && denies.allSatisfy { !covers($0, role) || holds($0, person, at: minute) == .no }
    }

    private func covers(_ rule: Rule, _ role: String) -> Bool { rule.roles.contains { Self.matches(role, $0) } }

    private func isMet(_ demand: Demand?, by text: String?) -> Bool {
        guard let demand else { return true }
        guard let text else { return !demand.isRequired }
        return demand.beginning.map { text.hasPrefix($0) } ?? true
    }

    private func holds(_ rule: Rule, _ person: Person, at minute: Int) -> Truth {
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
        if !who.ref.isEmpty { truths.append(truth(of: person.claims?["ref"], isOneOf: who.ref)) }
        if let mfa = who.mfa { truths.append(person.mfa.map { $0 == mfa ? .yes : .no } ?? .unknown) }
        if let within = who.loginWithin {
            truths.append(person.loginAge.map { $0 < -60 ? .unknown : $0 <= within * 60 ? .yes : .no } ?? .unknown)
        }
        return all(truths)
    }

    private static func truth(of claim: Claim?, isOneOf patterns: [String]) -> Truth {
        let texts: [String]
        switch claim {
        case nil: return .unknown
        case .absent: texts = []
        case .text(let text): texts = [text]
        case .list(let members): texts = members
        }
        return texts.contains { text in patterns.contains { matches(text, $0, within: "/") } } ? .yes : .no
    }

    /// `**` is anything, `*` anything up to a separator.
    static func matches(_ text: String, _ pattern: String, within separator: Character? = nil) -> Bool {
        matches(text[...], pattern[...], separator)
    }

    private static func matches(_ text: Substring, _ pattern: Substring, _ separator: Character?) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        guard first == "*" else { return text.first == first && matches(text.dropFirst(), pattern.dropFirst(), separator) }
        let crosses = pattern.hasPrefix("**")
        let rest = pattern.drop { $0 == "*" }
        var text = text
        while true {
            if matches(text, rest, separator) { return true }
            guard let skipped = text.popFirst(), crosses || skipped != separator else { return false }
        }
    }

    private func isIn(_ person: Person, _ minute: Int) -> (String) -> Truth {
        func isIn(_ group: String) -> Truth {
            if let user = person.user {
                if members[group]?.contains(user) == true { return .yes }
                if let rotation = rotations[group], turns(rotation, minute).contains(user) { return .yes }
            }
            let inner = (nested[group] ?? []).map(isIn)
            if inner.contains(.yes) { return .yes }
            guard let said = person.groups else { return .unknown }
            if said.contains(group) { return .yes }
            return inner.contains(.unknown) ? .unknown : .no
        }
        return isIn
    }

    private func turns(_ rotation: Rotation, _ minute: Int) -> [String] {
        let today = minute / 1440
        guard
            let day = ((today - 1)...(today + 1)).last(where: {
                Clocks.first($0, rotation.hour, rotation.timeZone) <= minute
            }), day >= Self.firstTurn
        else { return [] }
        return rotation.overrides[day] ?? [rotation.members[(day - Self.firstTurn) / 7 % rotation.members.count]]
    }

    private static func isOpen(_ window: Window, _ minute: Int) -> Bool {
        let today = minute / 1440
        return ((today - 2)...(today + 1)).contains { day in
            // 1970-01-01 was a Thursday.
            guard window.days.contains((day + 3) % 7), window.dates.map({ $0.contains(day) }) ?? true else { return false }
            let lastDay = window.to > window.from ? day : day + 1
            return Clocks.first(day, window.from, window.timeZone) <= minute
                && minute < Clocks.last(lastDay, window.to, window.timeZone)
        }
    }
}
