// SPDX-License-Identifier: Apache-2.0

/// Text that is read one character after the other; positions are places in a pattern.
protocol TextAutomaton {
    var start: Set<Int> { get }
    func next(_ positions: Set<Int>, _ scalar: Unicode.Scalar) -> Set<Int>
    func accepts(_ positions: Set<Int>) -> Bool
    /// One character of each kind that these positions tell apart.
    func representatives(_ positions: Set<Int>) -> Set<Unicode.Scalar>
}

/// The kinds of text that patterns tell apart, each with the shortest text of that kind: what all the automata together can
/// reach (their product). A kind that no text has is not among them.
enum TextKinds {
    static let maximumStates = 3_000

    /// nil: there are too many to be looked at.
    static func examples(of automata: [any TextAutomaton], atMost length: Int) -> [String]? {
        typealias State = [Int: Set<Int>]
        func alive(_ state: State) -> State { state.filter { !$0.value.isEmpty } }
        let first = alive(Dictionary(uniqueKeysWithValues: automata.enumerated().map { ($0.offset, $0.element.start) }))
        var seen: Set<State> = [first]
        var queue: [(state: State, text: String)] = [(first, "")]
        var kinds: [Set<Int>: String] = [:]
        var index = 0
        while index < queue.count {
            guard queue.count <= maximumStates else { return nil }
            let (state, text) = queue[index]
            index += 1
            // No claim, reason or ticket is empty text.
            if !text.isEmpty {
                let kind = Set(state.filter { automata[$0.key].accepts($0.value) }.keys)
                if kinds[kind] == nil { kinds[kind] = text }
            }
            guard text.utf8.count < length else { return nil }
            let characters = state.reduce(into: Set<Unicode.Scalar>(["x", "/", "~"])) {
                $0.formUnion(automata[$1.key].representatives($1.value))
            }
            for scalar in characters.sorted(by: { Self.rank($0) < Self.rank($1) }) {
                let next = alive(
                    Dictionary(uniqueKeysWithValues: state.map { ($0.key, automata[$0.key].next($0.value, scalar)) }))
                if seen.insert(next).inserted || text.isEmpty { queue.append((next, text + String(scalar))) }
            }
        }
        return kinds.values.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    }

    /// Letters first: examples are for people.
    private static func rank(_ scalar: Unicode.Scalar) -> (Int, UInt32) {
        (scalar.properties.isAlphabetic ? 0 : 1, scalar.value)
    }
}
