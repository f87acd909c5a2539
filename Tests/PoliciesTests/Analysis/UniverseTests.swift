// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Policies

/// Random rules, and every request of a small universe: each answer of the tools is held against all decisions, both ways.
@Suite struct `Whole universes` {
    struct World: Sendable, CustomTestStringConvertible {
        let universe: SmallUniverse
        let seed: UInt64

        var testDescription: String { "\(universe) \(seed)" }
    }

    static let worlds = SmallUniverse.all.flatMap { universe in
        (1...universe.seeds).map { World(universe: universe, seed: $0) }
    }

    /// What one rule gives to a request, whichever others there are.
    private struct Gift {
        let lifetime: Duration
        let approval: ApprovalRequirement?

        init?(_ set: PolicySet, _ point: SmallUniverse.Point, _ rule: String) throws {
            switch set.decide(point.identity, try point.request(rule: rule), at: point.instant) {
            case .deny: return nil
            case .allow(let permit): (lifetime, approval) = (permit.lifetime, nil)
            case .needsApproval(let offer): (lifetime, approval) = (offer.lifetime, offer.approval)
            }
        }

        /// Nothing that `other` does not give: as long, and after no less approval.
        func isCovered(by other: Gift) -> Bool {
            guard lifetime <= other.lifetime else { return false }
            switch (approval, other.approval) {
            case (_, nil): return true
            case (nil, _?): return false
            case (let mine?, let theirs?):
                if mine.isBreakGlass != theirs.isBreakGlass { return theirs.isBreakGlass }
                if let mine = mine.review, let theirs = theirs.review { return mine.within <= theirs.within }
                // Of the vocabulary: whoever is in `b` or `c` is in `d`.
                let (few, many) = (mine.steps[0].by.groups, theirs.steps[0].by.groups)
                return (few.isSubset(of: many) || many == ["d"] && few.isSubset(of: ["b", "c"]))
                    && mine.steps[0].count >= theirs.steps[0].count && mine.wait <= theirs.wait
                    && (theirs.signature == nil || mine.signature == theirs.signature)
                    && (theirs.recheck == .keep || mine.recheck == .revoke)
            }
        }
    }

    private func witness(
        _ universe: SmallUniverse, _ holds: (SmallUniverse.Point) throws -> Bool
    ) rethrows -> SmallUniverse.Point? {
        try universe.points.first(where: holds)
    }

    @Test(arguments: worlds)
    func `a way in is listed exactly when somebody can take it, with exactly the deny rules that take from it`(
        _ world: World
    ) throws {
        var author = SmallUniverse.Author(world.universe, seed: world.seed)
        let (allows, denies) = author.rules()
        let set = try SmallUniverse.set(allows, denies)
        let bare = try SmallUniverse.set(allows, [])
        let ways = try set.ways(to: .ssh(login: "deploy", host: HostName("web1.example.com")))
        // What no zone says anything about is good wherever servers trust it.
        let plain = try set.ways(to: .ssh(login: "ops", host: HostName("elsewhere.example.net")))
        for rule in allows {
            let carrying = try witness(world.universe) { point in
                let request = try AuthorizationRequest(
                    role: "shell", what: .ssh(logins: nil, host: nil), reason: point.reason, ticket: point.ticket, rule: rule.id
                )
                return set.decide(point.identity, request, at: point.instant).principals.contains("ops")
            }
            #expect(plain.contains { $0.rule == rule.id && $0.servers != nil } == (carrying != nil))
            let way = ways.first { $0.rule == rule.id }
            let taken = try witness(world.universe) { try Gift(set, $0, rule.id) != nil }
            let text = "\(world.testDescription): \(rule.id)\n\(SmallUniverse.text(allows, denies))"
            #expect((way != nil) == (taken != nil), "\(text)taken: \(String(describing: taken))")
            guard let way else { continue }
            #expect(way.notComparedExactly == nil)
            for deny in denies {
                let alone = try SmallUniverse.set(allows, [deny])
                let cut = try witness(world.universe) { point in
                    guard let whole = try Gift(bare, point, rule.id) else { return false }
                    return try Gift(alone, point, rule.id).map { $0.lifetime < whole.lifetime } ?? true
                }
                let isSaid = way.unless.contains { $0.contains("`\(deny.id)`") }
                #expect(isSaid == (cut != nil), "\(text)\(deny.id): \(String(describing: cut))")
            }
        }
    }

    @Test(arguments: worlds)
    func `a rule is warned of exactly when no request at all is given by it, or decided by it`(_ world: World) throws {
        var author = SmallUniverse.Author(world.universe, seed: world.seed &+ 1_000)
        let (allows, denies) = author.rules()
        let set = try SmallUniverse.set(allows, denies)
        let bare = try SmallUniverse.set(allows, [])
        let warnings = set.lint(ceilings: nil).map(\.problem).filter { !$0.hasPrefix("no test") }
        for rule in allows {
            let expected: String?
            if try witness(world.universe, { try Gift(bare, $0, rule.id) != nil }) == nil {
                expected = "can never apply"
            } else if try witness(world.universe, { try Gift(set, $0, rule.id) != nil }) == nil {
                expected = "gives nothing"
            } else if try isEverChosen(rule.id, set, world.universe) {
                expected = nil
            } else {
                // What lint takes to decide for its longer usual lifetime, it does where others with a shorter one are not there.
                let mine = set.allows.first { $0.reference.id == rule.id }?.lifetime?.standard ?? .zero
                let usual = Set(set.allows.filter { $0.lifetime.map { $0.standard >= mine } ?? true }.map(\.reference.id))
                let others = try SmallUniverse.set(allows.filter { usual.contains($0.id) }, denies)
                expected = try isEverChosen(rule.id, others, world.universe, naming: true) ? nil : "never decides"
            }
            let found = warnings.first { $0.contains("rule `\(rule.id)` ") }
            let text = "\(world.testDescription): \(rule.id)\n\(SmallUniverse.text(allows, denies))"
            #expect((found == nil) == (expected == nil), "\(found ?? "no warning") and not \(expected ?? "none")\n\(text)")
            if let found, let expected { #expect(found.contains(expected), "\(text)") }
        }
        let isTaken = try witness(world.universe) { point in try allows.contains { try Gift(set, point, $0.id) != nil } } != nil
        #expect(warnings.contains { $0.hasPrefix("nobody can take role `shell`") } == !isTaken)
    }

    /// Whether it decides some request, of some length and by some route.
    private func isEverChosen(
        _ rule: String, _ set: PolicySet, _ universe: SmallUniverse, naming: Bool = false
    ) throws -> Bool {
        let approval = set.allows.first { $0.reference.id == rule }?.approval
        let route: AuthorizationRequest.Route = approval.map { $0.isBreakGlass ? .breakGlass : .request } ?? .issue
        let lengths: [Duration?] = [.seconds(1), .seconds(2), .seconds(1801), .seconds(3601), .seconds(Rule.longest)]
        return try witness(universe) { point in
            guard try Gift(set, point, rule) != nil else { return false }
            return try (naming ? lengths : [nil] + lengths).contains { length in
                switch set.decide(point.identity, try point.request(lifetime: length, route: route), at: point.instant) {
                case .deny: false
                case .allow(let permit): permit.rule.id == rule
                case .needsApproval(let offer): offer.rule.id == rule
                }
            }
        } != nil
    }

    private typealias Rule = SmallUniverse.Rule

    @Test(arguments: worlds)
    func `a change is reported of exactly those rules that give some request what it had not`(_ world: World) throws {
        var author = SmallUniverse.Author(world.universe, seed: world.seed &+ 2_000)
        let (old, new) = (author.rules(), author.rules())
        let (before, after) = (try SmallUniverse.set(old.allows, old.denies), try SmallUniverse.set(new.allows, new.denies))
        let diff = after.diff(from: before)
        let text =
            "\(world.testDescription)\n\(SmallUniverse.text(old.allows, old.denies))\n"
            + SmallUniverse.text(new.allows, new.denies)
        var (gained, lost): ([String: SmallUniverse.Point], [String: SmallUniverse.Point]) = ([:], [:])
        for point in world.universe.points {
            let had = try old.allows.compactMap { rule in try Gift(before, point, rule.id).map { (rule.id, $0) } }
            let has = try new.allows.compactMap { rule in try Gift(after, point, rule.id).map { (rule.id, $0) } }
            for (rule, gift) in has where !had.contains(where: { gift.isCovered(by: $0.1) }) { gained[rule] = point }
            for (rule, gift) in had where !has.contains(where: { gift.isCovered(by: $0.1) }) { lost[rule] = point }
        }
        for (direction, expected) in [(PolicyDiff.Direction.widens, gained), (.narrows, lost)] {
            let found = Set(diff.changes.filter { $0.direction == direction }.map(\.rule))
            #expect(found == Set(expected.keys), "\(direction): \(expected)\n\(diff)\n\(text)")
        }
        #expect(diff.changes.allSatisfy { $0.notComparedExactly == nil })
        for change in diff.changes {
            let situation = try #require(change.situation)
            let (more, less) = change.direction == .widens ? (after, before) : (before, after)
            func gift(_ set: PolicySet, _ rule: String) throws -> Gift? {
                try Gift(
                    set,
                    SmallUniverse.Point(
                        identity: situation.identity, reason: situation.reason, ticket: situation.ticket,
                        instant: situation.instant), rule)
            }
            let example = try #require(try gift(more, change.rule), "\(change)\n\(text)")
            let others = change.direction == .widens ? old.allows : new.allows
            #expect(
                try !others.contains { try gift(less, $0.id).map { example.isCovered(by: $0) } ?? false }, "\(change)\n\(text)")
        }
    }

    /// What somebody can have: everything that comes true for them somewhere in the universe, when what is not known of them is any.
    @Test(arguments: worlds)
    func `a role is somebody's, open or taken away exactly as decisions have it`(_ world: World) throws {
        var author = SmallUniverse.Author(world.universe, seed: world.seed &+ 3_000)
        let (allows, denies) = author.rules()
        let set = try SmallUniverse.set(allows, denies)
        let bare = try SmallUniverse.set(allows, [])
        // Of these the universe has the whole future.
        let people = world.universe.points.filter { $0.instant < SmallUniverse.settled }
        let step = max(1, people.count / 10)
        for point in stride(from: Int(world.seed) % step, to: people.count, by: step).map({ people[$0] }) {
            let prospects = set.prospects(of: point.identity, at: point.instant)
            var plain = point
            (plain.reason, plain.ticket) = (nil, nil)
            for rule in allows {
                let found = prospects.first { $0.rule == rule.id }
                let text = "\(world.testDescription): \(rule.id) of \(point)\n\(SmallUniverse.text(allows, denies))"
                // Theirs now: exactly when it is decided so.
                let isTheirs = found.map { $0.open.isEmpty && $0.deniedBy.isEmpty } ?? false
                #expect(try isTheirs == (Gift(set, plain, rule.id) != nil), "\(text)")
                // Each deny rule that takes it away now.
                for deny in denies {
                    let alone = try SmallUniverse.set(allows, [deny])
                    let isDenied = try !set.decide(plain.identity, plain.request(), at: plain.instant).firing.isDisjoint(
                        with: alone.decide(plain.identity, plain.request(), at: plain.instant).firing)
                    #expect(found.map { $0.deniedBy.contains { $0.contains("`\(deny.id)`") } == isDenied } ?? true, "\(text)")
                }
                // Listed: it is theirs in some situation that differs in nothing that stays as it is.
                let someday = try witness(world.universe) { other in
                    try other.mayBecome(of: point) && Gift(bare, other, rule.id) != nil
                }
                #expect((found != nil) == (someday != nil), "\(text)someday: \(String(describing: someday))")
            }
        }
    }
}

extension Decision {
    /// Of the certificate that is given, at once or after approval.
    fileprivate var principals: [String] {
        switch self {
        case .allow(let permit): permit.ssh?.principals ?? []
        case .needsApproval(let offer): offer.permit.ssh?.principals ?? []
        case .deny: []
        }
    }

    fileprivate var firing: Set<String> {
        if case .deny(let denial) = self { Set(denial.denyRules.map(\.id)) } else { [] }
    }
}

extension SmallUniverse.Point {
    /// Whether the same person may be in this situation later: what is known of them stays, but for the place, a second factor
    /// that was not used, and a login that can be made anew.
    fileprivate func mayBecome(of earlier: SmallUniverse.Point) -> Bool {
        func agrees<Value>(_ now: Known<Value>, _ then: Known<Value>) -> Bool {
            if case .known = then { now == then } else { now != .unknown }
        }
        let (now, then) = (identity, earlier.identity)
        return now.provider == then.provider && now.user == then.user && agrees(now.groups, then.groups)
            && (then.ref == nil || now.ref == then.ref)
            && (then.mfa == .known(false) ? now.mfa != .unknown : agrees(now.mfa, then.mfa))
            && instant >= earlier.instant
    }
}

extension Identity {
    /// nil where the provider says nothing of it, not even that there is none.
    fileprivate var ref: ClaimValue? { if case .known(let claims) = claims { claims["ref"] } else { nil } }
}

extension Permit {
    fileprivate var ssh: SSHPermit? { if case .ssh(let permit) = subject { permit } else { nil } }
}
