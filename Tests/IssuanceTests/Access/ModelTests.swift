// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import Foundation
import Policies
import Storage
import TestSupport
import Testing

@testable import Issuance

/// Thousands of random steps by several people, through two authorities on one store, of which one is made anew now and
/// then, while groups, keys and the clock change, and policies, which reach one of the two before the other; every answer is
/// held against a model. Some acts are cut off by a crash, and some meet others that happen at the same time.
@Suite struct ModelTests {
    private static let seeds: Range<UInt64> = 0..<60
    private static let steps = 150

    @Test func `what is given is what the model gives`() async throws {
        let seen = try await withThrowingTaskGroup(of: ModelRun.Seen.self) { group in
            for seed in Self.seeds { group.addTask { try await Self.run(seed) } }
            return try await group.reduce(into: ModelRun.Seen()) { $0.add($1) }
        }
        // Runs in which little happens would show little.
        #expect(seen.issued > 200, "\(seen)")
        #expect(seen.refused > 500, "\(seen)")
        #expect(seen.approved > 200, "\(seen)")
        #expect(seen.closed > 20, "\(seen)")
        #expect(seen.voided > 5, "\(seen)")
        #expect(seen.byItself > 20, "\(seen)")
        #expect(seen.extended > 20, "\(seen)")
        #expect(seen.capped > 5, "\(seen)")
        #expect(seen.crashed > 20, "\(seen)")
        #expect(seen.rechecked > 10, "\(seen)")
        #expect(seen.scheduled > 20, "\(seen)")
        #expect(seen.glass > 20, "\(seen)")
        #expect(seen.overdue > 5, "\(seen)")
        #expect(seen.reviewed > 10, "\(seen)")
        #expect(seen.signed > 20, "\(seen)")
        #expect(seen.met > 20, "\(seen)")
        #expect(seen.wentBack > 20, "\(seen)")
    }

    private static func run(_ seed: UInt64) async throws -> ModelRun.Seen {
        var run = try await ModelRun(seed: seed)
        for step in 0..<steps {
            try await run.step()
            try await run.checkOne("seed \(seed), step \(step)")
        }
        try await run.checkAll("seed \(seed), at the end")
        return run.seen
    }
}

private struct ModelRun {
    struct Seen {
        var issued = 0
        var refused = 0
        var approved = 0
        var closed = 0
        var voided = 0
        /// Issued under what a rule approved by itself.
        var byItself = 0
        var extended = 0
        /// Extensions that were not given, or shorter, for all that was given before.
        var capped = 0
        /// Acts of which nobody heard what became of them.
        var crashed = 0
        /// Taken away, for the approvals were not enough any more.
        var rechecked = 0
        /// Asked for a later time.
        var scheduled = 0
        /// Broken, kept from being broken by an overdue review, and reviewed.
        var glass = 0
        var overdue = 0
        var reviewed = 0
        /// Approvals with a signature.
        var signed = 0
        /// Acts that came together with another.
        var met = 0
        /// How often the clock stepped back.
        var wentBack = 0

        mutating func add(_ other: Seen) {
            (issued, refused, approved) = (issued + other.issued, refused + other.refused, approved + other.approved)
            (closed, voided) = (closed + other.closed, voided + other.voided)
            byItself += other.byItself
            (extended, capped, crashed) = (extended + other.extended, capped + other.capped, crashed + other.crashed)
            rechecked += other.rechecked
            (scheduled, glass, overdue) = (scheduled + other.scheduled, glass + other.glass, overdue + other.overdue)
            (reviewed, signed) = (reviewed + other.reviewed, signed + other.signed)
            (met, wentBack) = (met + other.met, wentBack + other.wentBack)
        }
    }

    private(set) var seen = Seen()
    private let ca: TestCA
    private var authorities: [Authority]
    /// The policies of each of them.
    private var variants = [AccessModel.Variant.plain, .plain]
    /// Which of them is asked in this step.
    private var server = 0
    private var model: AccessModel
    private var random: SeededGenerator
    private let keys = [ApproverKey(), ApproverKey()]
    /// The latest that the clock ever showed.
    private var latest: Date

    private static let requesters: [Person] = [.ana, .bo]
    private static let approvers: [Person] = [.lea, .leo, .bea, .bob, .root]
    private static let hosts: [String: [String?]] = [
        "shell": [nil, "web1.example.com", "web2.example.com"], "db": [nil, "db1.example.com"],
        "quick": [nil, "db1.example.com"], "rescue": [nil, "db1.example.com"],
    ]

    init(seed: UInt64) async throws {
        ca = try await TestCA.access()
        authorities = [ca.authority, try ca.anotherAuthority()]
        model = AccessModel(now: ca.clock.now)
        latest = model.now
        model.groups = Dictionary(uniqueKeysWithValues: Person.allCases.map { ($0, $0.groups) })
        random = SeededGenerator(seed: seed &+ 1)
    }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: choices.indices, using: &random)]
    }

    /// Mostly one of which something may still come.
    private mutating func anyCase() -> AccessModel.Case? {
        let open = model.cases.filter { model.status(of: $0) != .over }
        if !open.isEmpty, chance(85) { return open.randomElement(using: &random) }
        return model.cases.suffix(6).randomElement(using: &random)
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func step() async throws {
        model.now = ca.clock.now
        server = pick([0, 1])
        model.variant = variants[server]
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<10: try await ask()
        case 10..<35: try await approve()
        case 35..<37: try await deny()
        case 37..<38: try await cancel()
        case 38..<41: try await end()
        case 41..<44: try await extend()
        case 44..<47: try await meet()
        case 47..<49: try await review()
        case 49..<78: try await take()
        case 78..<83: try await recheck()
        case 83..<87: moveClock()
        case 87..<93: changeGroups()
        case 93..<95: try changeKeys()
        case 95..<98: try changePolicy()
        default: authorities[server] = try ca.anotherAuthority(after: authorities[server])
        }
        model.now = ca.clock.now
    }

    private mutating func moveClock() {
        // An event may be at most a minute before the newest.
        if chance(20), ca.clock.now - 25 > latest - 60 {
            ca.clock.advance(-25)
            seen.wentBack += 1
        } else if model.cases.contains(where: { $0.reviewDue != nil }), chance(20) {
            ca.clock.advance(86_400)
        } else {
            ca.clock.advance(Double(pick([1, 1, 30, 60, 200, 300, 599, 601, 1200, 1801, 3600])) - 0.5)
        }
        latest = max(latest, ca.clock.now)
    }

    /// - Returns: whether it came to pass, also where the server died before anybody heard of it.
    /// - Parameter mayDie: not where it comes too late, which is only written down, and is no act.
    private mutating func survives<Value>(
        mayDie: Bool, _ act: (Authority, TestCA) async throws -> Value
    ) async throws -> Bool {
        guard mayDie, chance(8) else {
            _ = try await act(authorities[server], ca)
            return true
        }
        let isWritten = chance(50)
        ca.store.disturbOnce { [base = ca.store.base] entries in
            if isWritten { _ = try await base.commit(entries) }
            throw Crash()
        }
        defer { ca.store.calm() }
        do {
            _ = try await act(authorities[server], ca)
            return true
        } catch is Crash {
            seen.crashed += 1
            for index in authorities.indices { authorities[index] = try ca.anotherAuthority(after: authorities[index]) }
            return isWritten
        }
    }

    private struct Crash: Error {}

    private mutating func ask() async throws {
        let (who, role) = (pick(Self.requesters), pick(["shell", "shell", "db", "quick", "rescue"]))
        guard model.cases.count(where: { $0.who == who && model.status(of: $0) != .over }) < 15 else { return }
        let (host, duration) = (pick(Self.hosts[role] ?? [nil]), pick([nil, 600, 1800, 7200]))
        let isGlass = role == "rescue"
        let starts = !isGlass && chance(20) ? model.now + Double(pick([300, 2400])) : nil
        let question = AccessQuestion(
            role: role, subject: .ssh(logins: nil, host: try host.map { try HostName($0) }),
            duration: duration.map { .seconds($0) }, reason: "INC-1", ticket: nil, starts: starts, isBreakGlass: isGlass)
        let groups = (model.groups[who] ?? nil) ?? []
        let isEngineer = groups.contains("engineers")
        let mayDoItself = role == "quick" && groups.contains("duty")
        let isAutomatic = mayDoItself && (!isEngineer || duration ?? 0 <= AccessModel.longestByItself)
        guard isEngineer || mayDoItself else {
            await #expect(throws: DeniedError.self) {
                try await authorities[server].requestAccess(question, for: ca.caller(who))
            }
            return
        }
        if isGlass, model.isReviewOverdue {
            seen.overdue += 1
            await #expect(throws: AccessError.self) {
                try await authorities[server].requestAccess(question, for: ca.caller(who))
            }
            return
        }
        guard try await survives(mayDie: true, { try await $0.requestAccess(question, for: $1.caller(who)) }) else { return }
        let id = try await newest().request.id
        if starts != nil { seen.scheduled += 1 }
        if isGlass { seen.glass += 1 }
        let grant = isAutomatic ? AccessModel.longestByItself : model.variant.grant(of: role)
        model.cases.append(
            .init(
                id: id, who: who, role: role, host: host, duration: min(duration ?? grant, grant), variant: model.variant,
                askedAt: model.now, isAutomatic: isAutomatic, starts: starts))
        if isAutomatic || isGlass { model.cases[model.cases.count - 1].approvedAt = model.now }
    }

    /// Of all that was ever asked: also where nobody was told.
    private func newest() async throws -> AccessHistory {
        try #require(try await authorities[server].histories(matching: AccessFilter(limit: 10_000)).first)
    }

    private mutating func approve() async throws {
        guard let one = anyCase() else { return }
        var person = pick(Self.approvers + Self.requesters)
        let able = Self.approvers.filter { able in
            able != one.who && !model.steps(one, for: able).isEmpty && !one.agreements.contains { $0.person == able }
        }
        if !able.isEmpty, chance(75) { person = pick(able) }
        let duration = pick([nil, nil, nil, nil, 300, one.duration, one.duration + 1])
        let host = one.role == "shell" ? pick([nil, nil, nil, nil, nil, "web1.example.com"]) : nil
        let steps = model.steps(one, for: person)
        let isDue =
            person != one.who && !steps.isEmpty && model.status(of: one) == .pending
            && !one.agreements.contains { $0.person == person }
        let mayShorten = duration.map { $0 <= one.work } ?? true
        let mayNarrow = host == nil || one.narrowedHost == nil || one.narrowedHost == host
        let key = model.keys[person]
        let mayBelieve = key != nil || !model.isSigned(one)
        let statement = ApprovalStatement(
            digest: try await ca.history(one.id).request.digest, approver: person.name, duration: duration, host: host,
            note: nil)
        let given = ApprovalGiven(
            duration: duration.map { .seconds($0) }, host: try host.map { try HostName($0) },
            signature: try key.map { try keys[$0].sign(statement) })
        let caller = ca.caller(person, keys: try key.map { [try keys[$0].publicKey] } ?? [])
        do {
            guard try await survives(mayDie: isDue, { server, _ in try await server.approveAccess(one.id, given, by: caller) })
            else { return }
        } catch is AccessError {
            // With one step there is no turn to wait for, so that nothing else can be wrong.
            let isRefusedForItsTurn = one.role == "db" && !steps.contains(0)
            #expect(!isDue || !mayShorten || !mayNarrow || !mayBelieve || isRefusedForItsTurn, "\(person) on \(one)")
            return
        }
        seen.approved += 1
        if key != nil { seen.signed += 1 }
        #expect(isDue && mayShorten && mayNarrow && mayBelieve, "\(person) on \(one)")
        guard let index = model.cases.firstIndex(where: { $0.id == one.id }) else { return }
        model.cases[index].agreements.append(
            .init(person: person, steps: steps, duration: duration, host: host, key: key))
        if model.hasQuorum(one, model.cases[index].agreements.map(\.steps)) { model.cases[index].approvedAt = model.now }
    }

    private mutating func deny() async throws {
        guard let one = anyCase() else { return }
        let person = pick(Self.approvers + [.sec])
        let may = model.mayTakeAway(one, person) && model.status(of: one) != .over
        do {
            guard try await survives(mayDie: may, { try await $0.denyAccess(one.id, note: "no", by: $1.caller(person)) }) else {
                return
            }
        } catch let error where error is AccessError || error as? AuthorityError == .personNoLongerKnown {
            #expect(!may, "\(person) on \(one): \(error)")
            return
        }
        #expect(may, "\(person) on \(one)")
        model.close(one.id)
    }

    private mutating func cancel() async throws {
        guard let one = anyCase() else { return }
        let may = [.pending, .scheduled, .approved].contains(model.status(of: one))
        do {
            guard try await survives(mayDie: may, { try await $0.cancelAccess(one.id, by: $1.caller(one.who)) }) else { return }
        } catch is AccessError {
            #expect(!may, "\(one)")
            return
        }
        #expect(may, "\(one)")
        if let index = model.cases.firstIndex(where: { $0.id == one.id }) { model.cases[index].isClosed = true }
    }

    private mutating func end() async throws {
        guard let one = anyCase() else { return }
        let may = model.status(of: one) == .active
        do {
            guard try await survives(mayDie: may, { try await $0.endGrant(one.id, by: $1.caller(one.who)) }) else { return }
        } catch is AccessError {
            #expect(!may, "\(one)")
            return
        }
        seen.closed += 1
        #expect(may, "\(one)")
        model.close(one.id)
    }

    private mutating func extend() async throws {
        let active = model.cases.filter { model.status(of: $0) == .active }
        guard let one = chance(70) ? active.randomElement(using: &random) : anyCase() else { return }
        let duration = 1800
        let expected = model.extension(of: one, by: duration)
        do {
            guard
                try await survives(
                    mayDie: expected != nil,
                    {
                        try await $0.requestExtension(
                            of: one.id, duration: .seconds(duration), reason: "INC-1", for: $1.caller(one.who))
                    })
            else { return }
        } catch {
            #expect(expected == nil, "\(error): \(one)")
            if case AccessError.totalReached = error { seen.capped += 1 }
            return
        }
        guard let expected else {
            Issue.record("extended: \(one)")
            return
        }
        if expected.duration < duration { seen.capped += 1 }
        try await add(expected, extending: one)
    }

    private mutating func add(
        _ expected: (duration: Int, since: Date, latest: Date), extending one: AccessModel.Case
    ) async throws {
        let extended = try await newest()
        #expect(extended.request.extends == one.id && extended.request.duration == expected.duration, "\(one)")
        seen.extended += 1
        model.cases.append(
            .init(
                id: extended.request.id, who: one.who, role: one.role, host: one.narrowedHost,
                duration: expected.duration, variant: model.variant, askedAt: model.now, isAutomatic: one.isAutomatic,
                starts: one.until, parent: one.id, since: expected.since, latest: expected.latest))
        if one.isAutomatic || one.isGlass { model.cases[model.cases.count - 1].approvedAt = model.now }
    }

    /// Two acts on a grant in use, through both servers at once: whichever comes first, it is as if one had come after the other.
    private mutating func meet() async throws {
        guard let one = model.cases.filter({ model.status(of: $0) == .active }).randomElement(using: &random) else { return }
        seen.met += 1
        let expected = model.extension(of: one, by: 600)
        let (ca, mine, other) = (self.ca, authorities[server], authorities[1 - server])
        let mayBoth = variants[0] == variants[1]
        let extend = { @Sendable (server: Authority) async -> Bool in
            let found = try? await server.requestExtension(
                of: one.id, duration: .seconds(600), reason: "INC-1", for: ca.caller(one.who))
            return found != nil
        }
        if chance(40), mayBoth {
            async let first = extend(mine)
            async let second = extend(other)
            let count = await [first, second].count { $0 }
            #expect(count == (expected == nil ? 0 : 1), "\(one)")
            if let expected, count == 1 { try await add(expected, extending: one) }
            return
        }
        let isTaking = chance(50)
        let request = try IssuanceRequest(
            role: one.role, subject: .ssh(.new(), logins: nil, host: nil), lifetime: nil, reason: nil, grant: one.id)
        let take = { @Sendable (server: Authority) async -> Bool in
            (try? await server.issue(request, for: ca.caller(one.who)))?.record != nil
        }
        var preview = model
        let usable = preview.take(one.role, by: one.who, host: nil)[one.id] != nil
        async let end = other.endGrant(one.id, by: ca.caller(one.who))
        let isDone = isTaking ? await take(mine) : await extend(mine)
        _ = try await end
        // What came before the end has ended with it.
        if isTaking {
            #expect(usable || !isDone, "\(one)")
        } else if isDone {
            if let expected { try await add(expected, extending: one) } else { Issue.record("extended: \(one)") }
        }
        model.close(one.id)
    }

    /// Security, or as one of the policies has it, the board.
    private mutating func review() async throws {
        let due = model.cases.filter { $0.reviewDue != nil }
        guard let one = chance(80) ? due.randomElement(using: &random) : anyCase() else { return }
        let person = pick([Person.sec, .bea, .ana])
        let may = one.reviewDue != nil && person != one.who && model.isReviewer(person, of: one)
        do {
            guard
                try await survives(
                    mayDie: may,
                    { try await $0.reviewAccess(one.id, verdict: .fine, note: "seen", by: $1.caller(person)) })
            else { return }
        } catch is AccessError {
            #expect(!may, "\(person) on \(one)")
            return
        }
        seen.reviewed += 1
        #expect(may, "\(person) on \(one)")
        if let index = model.cases.firstIndex(where: { $0.id == one.id }) { model.cases[index].reviewedAt = model.now }
    }

    private mutating func take() async throws {
        var (person, role) = (pick(Self.requesters), pick(["shell", "shell", "db", "quick", "rescue"]))
        let ready = model.cases.filter { [.approved, .active].contains(model.status(of: $0)) }
        if !ready.isEmpty, chance(80) {
            let one = pick(ready)
            (person, role) = (one.who, one.role)
        }
        let (host, lifetime) = (pick(Self.hosts[role] ?? [nil]), pick([nil, 60, 3600, 7200]))
        let request = try IssuanceRequest(
            role: role, subject: .ssh(.new(), logins: nil, host: host.map { try HostName($0) }),
            lifetime: lifetime.map { .seconds($0) }, reason: nil)
        let before = model.cases.count { $0.approvedAt != nil }
        let usable = model.take(role, by: person, host: host)
        let isVoided = model.cases.count { $0.approvedAt != nil } < before
        if isVoided { seen.voided += 1 }
        var found: IssuanceOutcome?
        // Else what it writes first is not what it is about.
        let isOneAct = !usable.isEmpty && !isVoided
        guard
            try await survives(mayDie: isOneAct, { found = try await $0.issue(request, for: $1.caller(person)) })
        else { return }
        let newest = found == nil ? try await ca.certificates().first : nil
        guard let record = found?.record ?? newest else {
            #expect(usable.isEmpty, "\(String(describing: found))")
            if role == "rescue", model.isReviewOverdue { seen.overdue += 1 }
            seen.refused += 1
            return
        }
        guard let id = record.grant, let until = usable[id] else {
            Issue.record("issued without a grant: \(record)")
            return
        }
        seen.issued += 1
        if model.cases.first(where: { $0.id == id })?.isAutomatic == true { seen.byItself += 1 }
        #expect(until == usable.values.max())
        #expect(record.validBefore <= until)
        guard let index = model.cases.firstIndex(where: { $0.id == id }) else { return }
        if model.cases[index].until == nil {
            model.cases[index].claimedAt = model.now
        }
        model.cases[index].until = until
        if let narrowed = model.cases[index].narrowedHost {
            #expect(record.names.allSatisfy { $0.hasSuffix("@host:\(narrowed)") })
        }
    }

    /// What every server does every few seconds.
    private mutating func recheck() async throws {
        let expected = model.recheck()
        var count = 0
        let isWritten = try await survives(mayDie: expected > 0) { server, _ in count = try await server.recheckGrants() }
        // After a crash all others are ended, and with the next look that one.
        if count < expected {
            let more = try await authorities[server].recheckGrants()
            #expect(more == (isWritten ? 0 : 1))
        } else {
            #expect(count == expected)
        }
        seen.rechecked += expected
    }

    private mutating func changeGroups() {
        let relied = model.cases.filter { [.approved, .active].contains(model.status(of: $0)) }.flatMap(\.agreements).map(
            \.person)
        let person = !relied.isEmpty && chance(60) ? pick(relied) : pick(Self.approvers + Self.requesters)
        var choices: [Set<String>?] = [person.groups, person.groups, []]
        // Whoever asks must stay known, for else nobody asks.
        if Self.approvers.contains(person) { choices.append(nil) } else { choices += [["engineers", "duty"], ["duty"]] }
        let groups = pick(choices)
        model.groups[person] = .some(groups)
        ca.people.put(person, into: groups)
    }

    /// Half of the time at one of the servers alone.
    private mutating func changePolicy() throws {
        let variant = chance(60) ? .plain : pick(AccessModel.Variant.allCases)
        let set = try TestCA.policySet(variant.text(accessPolicy))
        for place in chance(50) ? [server] : [0, 1] {
            variants[place] = variant
            authorities[place].policies.replace(with: set, from: nil, at: ca.clock.now)
        }
    }

    private mutating func changeKeys() throws {
        let person = pick(Self.approvers)
        let key = pick([nil, nil, 0, 1])
        model.keys[person] = key
        ca.people.give(try key.map { [try keys[$0].publicKey] } ?? [], to: person)
    }

    mutating func checkOne(_ place: String) async throws {
        if let one = anyCase() { try await check(one, place) }
        let person = pick(Self.requesters)
        let listed = try await authorities[server].accessRequests(
            onlyOwn: true, onlyOpen: true, before: nil, for: ca.caller(person))
        // What is over stays on the desk until it is reviewed.
        let open = model.cases.filter { $0.who == person && (model.status(of: $0) != .over || $0.reviewDue != nil) }.map(\.id)
        #expect(Set(listed.cases.map(\.history.request.id)) == Set(open), "\(place): what \(person) has open")
    }

    func checkAll(_ place: String) async throws {
        for one in model.cases { try await check(one, place) }
    }

    private func check(_ one: AccessModel.Case, _ place: String) async throws {
        let status = try await ca.status(one.id)
        let expected = model.status(of: one)
        let isSame =
            switch expected {
            case .pending: status == .pending
            case .scheduled: status == .scheduled
            case .approved: status == .approved
            case .active: status == .active
            case .over: !status.isOpen
            }
        #expect(isSame, "\(place): \(status), not \(expected): \(one)")
        guard one.isClosed else { return }
        for record in try await ca.certificates(of: one.id) {
            #expect(record.revokedAt != nil || record.validBefore <= ca.clock.now, "\(place): \(one)")
        }
    }
}
