// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import Foundation
import Policies
import Storage
import TestSupport
import Testing

@testable import Issuance

/// Thousands of random steps by several people, through two authorities on one store, of which one is made anew now and
/// then, while groups, policies and the clock change; every answer is held against a model.
@Suite struct ModelTests {
    private static let seeds: Range<UInt64> = 0..<40
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

        mutating func add(_ other: Seen) {
            (issued, refused, approved) = (issued + other.issued, refused + other.refused, approved + other.approved)
            (closed, voided) = (closed + other.closed, voided + other.voided)
            byItself += other.byItself
            (extended, capped, crashed) = (extended + other.extended, capped + other.capped, crashed + other.crashed)
            rechecked += other.rechecked
        }
    }

    private(set) var seen = Seen()
    private let ca: TestCA
    private var authorities: [Authority]
    private var model: AccessModel
    private var random: SeededGenerator

    private static let requesters: [Person] = [.ana, .bo]
    private static let approvers: [Person] = [.lea, .leo, .bea, .bob, .root]
    private static let hosts: [String: [String?]] = [
        "shell": [nil, "web1.example.com", "web2.example.com"], "db": [nil, "db1.example.com"],
        "quick": [nil, "db1.example.com"],
    ]

    init(seed: UInt64) async throws {
        ca = try await TestCA.access()
        authorities = [ca.authority, try ca.anotherAuthority()]
        model = AccessModel(now: ca.clock.now)
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
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<10: try await ask()
        case 10..<38: try await approve()
        case 38..<40: try await deny()
        case 40..<41: try await cancel()
        case 41..<45: try await end()
        case 45..<49: try await extend()
        case 49..<80: try await take()
        case 80..<85: try await recheck()
        case 85..<89: ca.clock.advance(Double(pick([1, 1, 30, 60, 200, 300, 599, 601, 1200, 1801, 3600])) - 0.5)
        case 89..<95: changeGroups()
        case 95..<98: try changePolicy()
        default: authorities[pick([0, 1])] = try ca.anotherAuthority(after: authorities[0])
        }
        model.now = ca.clock.now
    }

    /// - Returns: whether it came to pass, also where the server died before anybody heard of it.
    /// - Parameter mayDie: not where it comes too late, which is only written down, and is no act.
    private mutating func survives(
        mayDie: Bool, _ act: (Authority, TestCA) async throws -> AccessCase
    ) async throws -> Bool {
        let server = pick(authorities)
        guard mayDie, chance(8) else {
            _ = try await act(server, ca)
            return true
        }
        let isWritten = chance(50)
        ca.store.disturbOnce { [base = ca.store.base] entries in
            if isWritten { _ = try await base.commit(entries) }
            throw Crash()
        }
        defer { ca.store.calm() }
        do {
            _ = try await act(server, ca)
            return true
        } catch is Crash {
            seen.crashed += 1
            for index in authorities.indices { authorities[index] = try ca.anotherAuthority(after: authorities[index]) }
            return isWritten
        }
    }

    private struct Crash: Error {}

    private mutating func ask() async throws {
        let (who, role) = (pick(Self.requesters), pick(["shell", "shell", "db", "quick"]))
        guard model.cases.count(where: { $0.who == who && model.status(of: $0) != .over }) < 15 else { return }
        let (host, duration) = (pick(Self.hosts[role] ?? [nil]), pick([nil, 600, 1800, 7200]))
        let question = AccessQuestion(
            role: role, subject: .ssh(logins: nil, host: try host.map { try HostName($0) }),
            duration: duration.map { .seconds($0) }, reason: "INC-1", ticket: nil)
        let groups = (model.groups[who] ?? nil) ?? []
        let isEngineer = groups.contains("engineers")
        let mayDoItself = role == "quick" && groups.contains("duty")
        let isAutomatic = mayDoItself && (!isEngineer || duration ?? 0 <= AccessModel.longestByItself)
        guard isEngineer || mayDoItself else {
            await #expect(throws: DeniedError.self) { try await authorities[0].requestAccess(question, for: ca.caller(who)) }
            return
        }
        let id = try await pick(authorities).requestAccess(question, for: ca.caller(who)).history.request.id
        let grant = isAutomatic ? AccessModel.longestByItself : model.variant.grant(of: role)
        model.cases.append(
            .init(
                id: id, who: who, role: role, host: host, duration: min(duration ?? grant, grant), variant: model.variant,
                askedAt: model.now, isAutomatic: isAutomatic))
        if isAutomatic { model.cases[model.cases.count - 1].approvedAt = model.now }
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
        let given = ApprovalGiven(duration: duration.map { .seconds($0) }, host: try host.map { try HostName($0) })
        do {
            guard try await survives(mayDie: isDue, { try await $0.approveAccess(one.id, given, by: $1.caller(person)) }) else {
                return
            }
        } catch is AccessError {
            // With one step there is no turn to wait for, so that nothing else can be wrong.
            let isRefusedForItsTurn = one.role == "db" && !steps.contains(0)
            #expect(!isDue || !mayShorten || !mayNarrow || isRefusedForItsTurn, "\(person) on \(one)")
            return
        }
        seen.approved += 1
        #expect(isDue && mayShorten && mayNarrow, "\(person) on \(one)")
        guard let index = model.cases.firstIndex(where: { $0.id == one.id }) else { return }
        model.cases[index].agreements.append(.init(person: person, steps: steps, duration: duration, host: host))
        if model.hasQuorum(one, model.cases[index].agreements.map(\.steps)) { model.cases[index].approvedAt = model.now }
    }

    private mutating func deny() async throws {
        guard let one = anyCase() else { return }
        let person = pick(Self.approvers)
        let may = person != one.who && model.status(of: one) != .over
        do {
            guard try await survives(mayDie: may, { try await $0.denyAccess(one.id, note: "no", by: $1.caller(person)) }) else {
                return
            }
        } catch is AccessError {
            #expect(!may || model.steps(one, for: person).isEmpty, "\(person) on \(one)")
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
        let extended: AccessHistory
        do {
            extended = try await pick(authorities).requestExtension(
                of: one.id, duration: .seconds(duration), reason: "INC-1", for: ca.caller(one.who)
            ).history
        } catch {
            #expect(expected == nil, "\(error): \(one)")
            if case AccessError.totalReached = error { seen.capped += 1 }
            return
        }
        guard let expected else {
            Issue.record("extended: \(one)")
            return
        }
        seen.extended += 1
        if expected.duration < duration { seen.capped += 1 }
        #expect(extended.request.duration == expected.duration, "\(one)")
        model.cases.append(
            .init(
                id: extended.request.id, who: one.who, role: one.role, host: one.narrowedHost,
                duration: expected.duration, variant: model.variant, askedAt: model.now, isAutomatic: one.isAutomatic,
                starts: one.until, parent: one.id, since: expected.since, latest: expected.latest))
        if one.isAutomatic { model.cases[model.cases.count - 1].approvedAt = model.now }
    }

    private mutating func take() async throws {
        var (person, role) = (pick(Self.requesters), pick(["shell", "shell", "db", "quick"]))
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
        if model.cases.count(where: { $0.approvedAt != nil }) < before { seen.voided += 1 }
        let outcome = try await pick(authorities).issue(request, for: ca.caller(person))
        guard let record = outcome.record else {
            #expect(usable.isEmpty, "\(outcome)")
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
            model.cases[index].claimedAt = Date(timeIntervalSince1970: model.now.timeIntervalSince1970.rounded(.down))
        }
        model.cases[index].until = until
        if let narrowed = model.cases[index].narrowedHost {
            #expect(record.names.allSatisfy { $0.hasSuffix("@host:\(narrowed)") })
        }
    }

    /// What every server does every few seconds.
    private mutating func recheck() async throws {
        let expected = model.recheck()
        #expect(try await pick(authorities).recheckGrants() == expected)
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

    private mutating func changePolicy() throws {
        model.variant = chance(60) ? .plain : pick(AccessModel.Variant.allCases)
        let set = try TestCA.policySet(model.variant.text(accessPolicy))
        for authority in authorities { authority.policies.replace(with: set, from: nil, at: ca.clock.now) }
    }

    mutating func checkOne(_ place: String) async throws {
        if let one = anyCase() { try await check(one, place) }
        let person = pick(Self.requesters)
        let listed = try await pick(authorities).accessRequests(
            onlyOwn: true, onlyOpen: true, before: nil, for: ca.caller(person))
        let open = model.cases.filter { $0.who == person && model.status(of: $0) != .over }.map(\.id)
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
