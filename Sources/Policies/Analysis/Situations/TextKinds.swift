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

    private struct State: Hashable {
        /// By automaton; those that can accept nothing any more are left out.
        let positions: [Int: Set<Int>]
        /// While the text is the beginning of one that is left out.
        let node: Int?
    }

    /// nil: there are too many to be looked at.
    /// - Parameter excluded: texts that are no examples.
    static func examples(
        of automata: [any TextAutomaton], atMost length: Int, otherThan excluded: Set<String> = []
    ) -> [String]? {
        guard let beginnings = TextTree(excluded) else { return nil }
        let start = Dictionary(uniqueKeysWithValues: automata.enumerated().map { ($0.offset, $0.element.start) })
        let first = state(start, excluded.isEmpty ? nil : TextTree.root)
        var seen: Set<State> = [first]
        var queue: [(state: State, text: String)] = [(first, "")]
        var kinds: [Set<Int>: String] = [:]
        var (index, count) = (0, 0)
        while index < queue.count {
            let (state, text) = queue[index]
            index += 1
            // No claim, reason or ticket is empty text.
            if !text.isEmpty, !excluded.contains(text) {
                let kind = Set(state.positions.filter { automata[$0.key].accepts($0.value) }.keys)
                if kinds[kind] == nil { kinds[kind] = text }
            }
            guard text.utf8.count < length else { return nil }
            let named = state.positions.reduce(into: Set(state.node.map { beginnings.characters(after: $0) } ?? [])) {
                $0.formUnion(automata[$1.key].representatives($1.value))
            }
            for scalar in alphabet(named) {
                let positions = state.positions.map { ($0.key, automata[$0.key].next($0.value, scalar)) }
                let next = Self.state(
                    Dictionary(uniqueKeysWithValues: positions), state.node.flatMap { beginnings.next($0, scalar) })
                guard seen.insert(next).inserted || text.isEmpty else { continue }
                // Beginnings of texts are as many as the texts are long.
                if next.node == nil { count += 1 }
                guard count <= maximumStates else { return nil }
                queue.append((next, text + String(scalar)))
            }
        }
        return kinds.values.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    }

    private static func state(_ positions: [Int: Set<Int>], _ node: Int?) -> State {
        State(positions: positions.filter { !$0.value.isEmpty }, node: node)
    }

    /// What is named, and a letter, a sign and the slash that are not, where they are not. Letters first: examples are for people.
    private static func alphabet(_ named: Set<Unicode.Scalar>) -> [Unicode.Scalar] {
        let letter = "xyzabcdefghijklmnopqrstuvw0123456789".unicodeScalars.first { !named.contains($0) }
        return named.union(["x", "/", "~"]).union([letter].compactMap(\.self)).sorted { rank($0) < rank($1) }
    }

    private static func rank(_ scalar: Unicode.Scalar) -> (Int, UInt32) {
        (scalar.properties.isAlphabetic ? 0 : 1, scalar.value)
    }
}

/// Every beginning of some texts.
private struct TextTree {
    static let root = 0
    private static let maximumNodes = 100_000

    private var nodes: [[Unicode.Scalar: Int]] = [[:]]

    /// nil: they are too many.
    init?(_ texts: Set<String>) {
        for text in texts {
            var node = Self.root
            for scalar in text.unicodeScalars {
                if let next = nodes[node][scalar] {
                    node = next
                } else {
                    guard nodes.count < Self.maximumNodes else { return nil }
                    nodes.append([:])
                    nodes[node][scalar] = nodes.count - 1
                    node = nodes.count - 1
                }
            }
        }
    }

    func characters(after node: Int) -> [Unicode.Scalar] { Array(nodes[node].keys) }

    func next(_ node: Int, _ scalar: Unicode.Scalar) -> Int? { nodes[node][scalar] }
}
