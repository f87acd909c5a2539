// SPDX-License-Identifier: Apache-2.0

/// Whether a way gives something that others do not.
enum Surplus {
    /// `until`: the time up to which it was looked at, where that is not all. Seconds since 1970-01-01T00:00:00Z.
    case none(until: Int?)
    case example(Situation, until: Int?)
    case notCompared(Incomparable)
}

/// What an answer depends on: ways of one rule to many hosts have the same.
struct SurplusQuestion: Hashable {
    let rule: String
    let role: String
    let fromKnownAddress: Bool
    let isCapability: Bool
    let named: NameTest?
    let rivals: [Rival]

    struct Rival: Hashable {
        let rule: String
        let role: String
        let fromKnownAddress: Bool
        let named: NameTest?
    }
}

extension RightWay {
    func question(over others: [RightWay]) -> SurplusQuestion {
        SurplusQuestion(
            rule: rule.reference.id, role: role, fromKnownAddress: needsKnownAddress, isCapability: isCapability,
            named: clause.named,
            rivals: rivals(among: others).map {
                .init(
                    rule: $0.rule.reference.id, role: $0.role, fromKnownAddress: $0.needsKnownAddress,
                    named: $0.clause.named)
            })
    }

    /// A role that binds certificates to the requester's address gives none where that is unknown.
    fileprivate var needsKnownAddress: Bool { atom.bounds.sourceAddress == .requester }

    private func rivals(among others: [RightWay]) -> [RightWay] {
        others.filter { atom.bounds.isWithin($0.atom.bounds) && approvalIsWithin($0) }
    }

    /// Why one of them may give as much after all.
    private func approvalProblem(among others: [RightWay]) -> Incomparable? {
        others.lazy.compactMap { other in
            guard case .notCompared(let problem)? = approvalGain(over: other) else { return nil }
            return problem
        }.first
    }

    /// Exact: a situation in which this way gives its right and none of `others`, which are to the same right, gives as much.
    ///
    /// Their rights are compared in the same situation, so what several of them give together counts as given.
    func surplus(over others: [RightWay]) -> Surplus {
        let rivals = rivals(among: others)
        let universe: Universe
        do throws(Incomparable) {
            universe = try Universe(of: ([self] + rivals).flatMap { [$0.clause] + $0.denies.map(\.clause) })
        } catch {
            return .notCompared(error)
        }
        let denied = universe.denials(of: self).map { Obligation(cube: $0) }
        let given = rivals.flatMap { rival in
            let denials = universe.denials(of: rival)
            return universe.gifts(of: rival).map { Obligation(cube: $0, unless: denials) }
        }
        switch SituationSearch.point(in: universe.gifts(of: self), of: universe, meeting: denied + given) {
        case .none: return .none(until: universe.comparedUntil)
        case .tooManySteps: return .notCompared(Incomparable(reason: "the rules meet in too many ways"))
        case .found(let point):
            if let problem = approvalProblem(among: others) { return .notCompared(problem) }
            let route: AuthorizationRequest.Route = rule.approval.map { $0.isBreakGlass ? .breakGlass : .request } ?? .issue
            return .example(
                universe.situation(point, isCertificate: !isCapability, route: route), until: universe.comparedUntil)
        }
    }
}

extension Universe {
    fileprivate func gifts(of way: RightWay) -> [Cube] {
        cubes(allowedBy: way.clause, fromKnownAddress: way.needsKnownAddress)
    }

    fileprivate func denials(of way: RightWay) -> [Cube] {
        way.denies.flatMap { cubes(deniedBy: $0.clause) } + cubes(namelessFor: way.clause)
    }
}
