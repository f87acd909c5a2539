// SPDX-License-Identifier: Apache-2.0

extension HostPattern {
    static let maximumKinds = 2_000

    /// Hosts of a pattern that some other patterns do not tell apart.
    struct Kind {
        let example: String
        /// Those of the others that match them.
        let patterns: Set<HostPattern>
    }

    /// Whether all its hosts are among those of `other`. False also where that takes too much to find out.
    func isWithin(_ other: HostPattern) -> Bool {
        self == other || kinds(toldApartBy: [other])?.allSatisfy { !$0.patterns.isEmpty } ?? false
    }

    /// Exact: every host that the pattern matches is of one of these kinds, and none is empty.
    /// - Returns: nil when there are too many.
    func kinds(toldApartBy others: Set<HostPattern>) -> [Kind]? {
        if let host = try? HostName(text) { return [Kind(example: text, patterns: others.filter { $0.matches(host) })] }
        let mine = text.split(separator: ".").map(LabelPattern.init)
        // A star crosses no dot, so patterns of more or fewer labels have no host in common with this one.
        let rivals = others.map { (pattern: $0, labels: $0.text.split(separator: ".").map(LabelPattern.init)) }
            .filter { $0.pattern.isOfNames && $0.labels.count == mine.count }
        var kinds = [(labels: [String](), rivals: Set(rivals.indices))]
        for (place, label) in mine.enumerated() {
            let patterns = Set(rivals.map { $0.labels[place] }).sorted { $0.text < $1.text }
            guard let found = label.kinds(toldApartBy: patterns, isLast: place == mine.count - 1) else { return nil }
            var longer: [(labels: [String], rivals: Set<Int>)] = []
            for kind in kinds {
                for (example, matching) in found {
                    longer.append((kind.labels + [example], kind.rivals.filter { matching.contains(rivals[$0].labels[place]) }))
                }
            }
            kinds = longer
            guard kinds.count <= Self.maximumKinds else { return nil }
        }
        return kinds.compactMap { labels, matching in
            let example = labels.joined(separator: ".")
            // The shortest of a kind: where it is too long for a host name, all are.
            guard example.utf8.count <= HostName.maximumBytes else { return nil }
            return Kind(example: example, patterns: Set(matching.map { rivals[$0].pattern }))
        }
    }

    /// Not an address.
    private var isOfNames: Bool { !isExact || (try? HostName(text))?.address == nil }
}

/// One label of a host pattern.
private struct LabelPattern: Hashable {
    /// States times patterns: some hundredths of a second.
    static let maximumWork = 50_000

    let text: String
    private let bytes: [UInt8]

    init(_ text: Substring) { (self.text, bytes) = (String(text), Array(text.utf8)) }

    private var isExact: Bool { !bytes.contains(UInt8(ascii: "*")) }

    /// Where reading one label has got to.
    private struct State: Hashable {
        /// Of this pattern and of each with a star: how much of it may have been read.
        var positions: [Set<Int>]
        /// What was read, while it is the beginning of an exact label.
        var beginning: [UInt8]? = []
        var endsInHyphen = false
        var isOfDigits = true
    }

    /// Labels that the pattern matches, the shortest of each kind that others tell apart, with those of them that match.
    ///
    /// Reads all patterns at once, one byte after the other (their product); nil when that takes too much.
    func kinds(toldApartBy others: [LabelPattern], isLast: Bool) -> [(example: String, matching: Set<LabelPattern>)]? {
        let globs = others.filter { !$0.isExact }
        let exact = Dictionary(uniqueKeysWithValues: others.filter(\.isExact).map { ($0.bytes, $0) })
        let beginnings = exact.keys.reduce(into: Set<[UInt8]>()) { found, bytes in
            for count in 0...bytes.count { found.insert(Array(bytes.prefix(count))) }
        }
        let alphabet = Self.alphabet([self] + others)
        let first = State(positions: ([self] + globs).map { $0.skippingStars([0]) })
        var (seen, queue): (Set<State>, [(state: State, text: [UInt8])]) = ([first], [(first, [])])
        var kinds: [Set<LabelPattern>: [UInt8]] = [:]
        var index = 0
        while index < queue.count {
            let (state, text) = queue[index]
            index += 1
            // As `HostName` wants it: a last label of digits would be an address to some.
            if !text.isEmpty, !state.endsInHyphen, !(isLast && state.isOfDigits), accepts(state.positions[0]) {
                var matching = Set(zip(globs, state.positions.dropFirst()).filter { $0.0.accepts($0.1) }.map(\.0))
                if let label = exact[text] { matching.insert(label) }
                if kinds[matching] == nil { kinds[matching] = text }
            }
            guard text.count < HostName.maximumLabelBytes else { continue }
            for byte in alphabet where !(text.isEmpty && byte == UInt8(ascii: "-")) {
                let beginning = state.beginning.map { $0 + [byte] }
                let next = State(
                    positions: zip([self] + globs, state.positions).map { $0.next($1, byte) },
                    beginning: beginning.flatMap { beginnings.contains($0) ? $0 : nil },
                    endsInHyphen: byte == UInt8(ascii: "-"), isOfDigits: state.isOfDigits && ASCII.isDigit(byte))
                guard !next.positions[0].isEmpty, seen.insert(next).inserted else { continue }
                guard seen.count * (globs.count + 1) <= Self.maximumWork else { return nil }
                queue.append((next, text + [byte]))
            }
        }
        return kinds.map { (String(decoding: $1, as: UTF8.self), $0) }
            .sorted { ($0.0.utf8.count, $0.0) < ($1.0.utf8.count, $1.0) }
    }

    /// What the patterns name, and one letter, one digit and the hyphen that they do not, where there are any.
    private static func alphabet(_ patterns: [LabelPattern]) -> [UInt8] {
        let named = patterns.reduce(into: Set<UInt8>()) { $0.formUnion($1.bytes) }.subtracting([UInt8(ascii: "*")])
        let letters = Array(UInt8(ascii: "a")...UInt8(ascii: "z"))
        let digits = Array(UInt8(ascii: "0")...UInt8(ascii: "9"))
        let others = [letters, digits].compactMap { $0.last { !named.contains($0) } }
        let all = named.union(others).union([UInt8(ascii: "-")])
        return all.filter(ASCII.isLower).sorted() + all.filter { !ASCII.isLower($0) }.sorted()
    }

    private func next(_ positions: Set<Int>, _ byte: UInt8) -> Set<Int> {
        skippingStars(
            positions.reduce(into: []) { reached, position in
                guard position < bytes.count else { return }
                if bytes[position] == UInt8(ascii: "*") {
                    reached.insert(position)
                } else if bytes[position] == byte {
                    reached.insert(position + 1)
                }
            })
    }

    private func accepts(_ positions: Set<Int>) -> Bool { positions.contains(bytes.count) }

    /// A star may stand for nothing.
    private func skippingStars(_ positions: Set<Int>) -> Set<Int> {
        positions.reduce(into: []) { reached, start in
            var position = start
            reached.insert(position)
            while position < bytes.count, bytes[position] == UInt8(ascii: "*") {
                position += 1
                reached.insert(position)
            }
        }
    }
}
