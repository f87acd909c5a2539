// SPDX-License-Identifier: Apache-2.0

/// Whether a way gives something that others do not.
enum Surplus {
    /// `until`: the time up to which it was looked at, where that is not all. Seconds since 1970-01-01T00:00:00Z.
    case none(until: Int?)
    case example(Situation, until: Int?)
    case notCompared(Incomparable)
}

/// Ways that are held against each other. What is worked out of one of them is kept for all questions.
final class SurplusArena {
    /// What matters of a way when its right does not: ways of one rule to many hosts are the same.
    struct Entrant: Hashable {
        let isNewer: Bool
        let rule: String
        let role: String
        let fromKnownAddress: Bool
        let isCapability: Bool
        let named: NameTest?
    }

    private let ways: [RightWay]
    private let universe: Result<Universe, Incomparable>
    /// By the names that a question is about: ways are others there, as far as they give these.
    private var arenasOfNames: [Set<NameTest>: SurplusArena] = [:]
    private static let mostArenas = 8
    private var numbers: [Entrant: Int] = [:]
    /// By number of the entrant.
    private var gifts: [Int: [Cube]] = [:]
    private var given: [Int: [Obligation]] = [:]
    private var denials: [Side: [Cube]] = [:]
    private var answers: [[Int]: Surplus] = [:]

    /// A role in its set: deny rules come with each way of it.
    fileprivate struct Side: Hashable {
        let isNewer: Bool
        let role: String
    }

    init(_ ways: [RightWay]) {
        self.ways = ways
        var clauses: [Clause] = []
        var sides: Set<Side> = []
        for way in ways {
            if numbers[way.entrant] == nil {
                numbers[way.entrant] = numbers.count
                clauses.append(way.clause)
            }
            if sides.insert(way.side).inserted { clauses += way.denies.map(\.clause) }
        }
        universe = Result { () throws(Incomparable) in try Universe(of: clauses) }
    }

    func knows(_ ways: [RightWay]) -> Bool { ways.allSatisfy { numbers[$0.entrant] != nil } }

    /// Exact: a situation in which `way` gives its right and none of `rivals`, which are to the same right, gives as much.
    ///
    /// Their rights are compared in the same situation, so what several of them give together counts as given.
    func surplus(of way: RightWay, over rivals: [RightWay]) -> Surplus {
        let known = ([way] + rivals).map { numbers[$0.entrant] }
        let question = known.compactMap(\.self)
        guard question.count == known.count else {
            return arena(of: way, and: rivals).surplus(of: way, over: rivals)
        }
        if let answer = answers[question] { return answer }
        let answer: Surplus
        switch universe {
        case .success(let universe):
            answer = surplus(of: question[0], way, over: zip(question.dropFirst(), rivals), in: universe)
        // What cannot be compared together may be so alone.
        case .failure where Set(question).count < numbers.count:
            answer = SurplusArena([way] + rivals).surplus(of: way, over: rivals)
        case .failure(let problem): answer = .notCompared(problem)
        }
        answers[question] = answer
        return answer
    }

    /// One for all questions about the same names, where there is one.
    private func arena(of way: RightWay, and rivals: [RightWay]) -> SurplusArena {
        let names = Set(([way] + rivals).compactMap(\.clause.named))
        if let arena = arenasOfNames[names], arena.knows([way] + rivals) { return arena }
        if arenasOfNames.count >= Self.mostArenas { arenasOfNames = [:] }
        // Most likely the others of this kind are asked about next, for the same names.
        let alike = ways.filter { $0.isNewer == way.isNewer }.map { other in
            var other = other
            other.clause.named = way.clause.named
            return other
        }
        let arena = SurplusArena([way] + rivals + alike)
        arenasOfNames[names] = arena
        return arena
    }

    private func surplus(
        of number: Int, _ way: RightWay, over rivals: some Sequence<(Int, RightWay)>, in universe: Universe
    ) -> Surplus {
        let obligations = rivals.reduce(into: denials(of: way, in: universe).map { Obligation(cube: $0) }) {
            $0 += given(by: $1.0, $1.1, in: universe)
        }
        switch SituationSearch.point(in: gifts(of: number, way, in: universe), of: universe, meeting: obligations) {
        case .none: return .none(until: universe.comparedUntil)
        case .tooManySteps: return .notCompared(Incomparable(reason: "the rules meet in too many ways"))
        case .found(let point):
            let route: AuthorizationRequest.Route = way.rule.approval.map { $0.isBreakGlass ? .breakGlass : .request } ?? .issue
            return .example(
                universe.situation(point, isCertificate: !way.isCapability, route: route), until: universe.comparedUntil)
        }
    }

    private func gifts(of number: Int, _ way: RightWay, in universe: Universe) -> [Cube] {
        if let cubes = gifts[number] { return cubes }
        let cubes = universe.cubes(allowedBy: way.clause, fromKnownAddress: way.needsKnownAddress)
        gifts[number] = cubes
        return cubes
    }

    private func given(by number: Int, _ way: RightWay, in universe: Universe) -> [Obligation] {
        if let obligations = given[number] { return obligations }
        let denials = denials(of: way, in: universe)
        let obligations = gifts(of: number, way, in: universe).map { Obligation(cube: $0, unless: denials) }
        given[number] = obligations
        return obligations
    }

    private func denials(of way: RightWay, in universe: Universe) -> [Cube] {
        let cubes = denials[way.side] ?? way.denies.flatMap { universe.cubes(deniedBy: $0.clause) }
        denials[way.side] = cubes
        let nameless = universe.cubes(namelessFor: way.clause)
        return nameless.isEmpty ? cubes : cubes + nameless
    }
}

extension RightWay {
    fileprivate var side: SurplusArena.Side { SurplusArena.Side(isNewer: isNewer, role: role) }

    fileprivate var entrant: SurplusArena.Entrant {
        SurplusArena.Entrant(
            isNewer: isNewer, rule: rule.reference.id, role: role, fromKnownAddress: needsKnownAddress,
            isCapability: isCapability, named: clause.named)
    }

    /// A role that binds certificates to the requester's address gives none where that is unknown.
    fileprivate var needsKnownAddress: Bool { atom.bounds.sourceAddress == .requester }

    /// In what this way gives more than all of `others`, which are to the same right, together.
    func surplus(over others: [RightWay], in arena: SurplusArena) -> Surplus {
        let rivals = others.filter { atom.bounds.isWithin($0.atom.bounds) && approvalIsWithin($0) }
        let found = arena.surplus(of: self, over: rivals)
        if case .example = found, let problem = approvalProblem(among: others) { return .notCompared(problem) }
        return found
    }

    /// Why one of them may give as much after all.
    private func approvalProblem(among others: [RightWay]) -> Incomparable? {
        others.lazy.compactMap { other in
            guard case .notCompared(let problem)? = self.approvalGain(over: other) else { return nil }
            return problem
        }.first
    }
}
