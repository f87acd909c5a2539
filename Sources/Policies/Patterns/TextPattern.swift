// SPDX-License-Identifier: Apache-2.0

package enum TextPatternError: Error, Hashable {
    case tooLong
    case tooLarge
    /// `offset` counts characters from 0.
    case syntax(String, offset: Int)
}

/// A regular expression that is matched in time linear in the text, whatever the pattern: no back-references, no
/// look-around, nothing to backtrack into (Thompson, "Regular Expression Search Algorithm", 1968).
///
/// Literals, `.`, classes `[a-z]` and `[^a-z]`, `\d \w \s` and their capitals (ASCII), escaped punctuation, groups `( )`
/// and `(?: )`, alternatives `|`, repeats `* + ? {n} {n,} {n,m}`, anchors `^` and `$`. Finds a match anywhere.
struct TextPattern: Hashable, Sendable {
    /// A bound on what a pattern may cost: at most this many steps for each character of the text.
    static let maximumInstructions = 1_000
    static let maximumBytes = 200

    let text: String
    private let program: [Instruction]

    enum Instruction: Hashable, Sendable {
        case scalar(ScalarClass)
        case split(Int, Int)
        case jump(Int)
        case start
        case end
        case accept
    }

    init(_ text: String) throws(TextPatternError) {
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLong }
        var parser = PatternParser(text)
        let syntax = try parser.parse()
        var compiler = PatternCompiler()
        try compiler.compile(syntax)
        self.text = text
        self.program = compiler.program + [.accept]
    }

    func matches(_ subject: String) -> Bool {
        let scalars = Array(subject.unicodeScalars)
        var active = Threads(capacity: program.count)
        for position in 0...scalars.count {
            // Starting anew at each position makes the search unanchored.
            if follow(0, into: &active, at: position, of: scalars.count) { return true }
            guard position < scalars.count else { break }
            var next = Threads(capacity: program.count)
            for counter in active.counters {
                guard case .scalar(let wanted) = program[counter], wanted.contains(scalars[position]) else { continue }
                if follow(counter + 1, into: &next, at: position + 1, of: scalars.count) { return true }
            }
            active = next
        }
        return false
    }

    /// The places in the program reached at one position, each once.
    private struct Threads {
        var counters: [Int] = []
        var seen: [Bool]

        init(capacity: Int) { seen = [Bool](repeating: false, count: capacity) }
    }

    /// Adds what is reachable from `counter` without reading; true when that includes the end of the pattern.
    private func follow(_ counter: Int, into threads: inout Threads, at position: Int, of count: Int) -> Bool {
        var pending = [counter]
        while let counter = pending.popLast() {
            guard !threads.seen[counter] else { continue }
            threads.seen[counter] = true
            switch program[counter] {
            case .scalar: threads.counters.append(counter)
            case .split(let first, let second): pending += [first, second]
            case .jump(let target): pending.append(target)
            case .start: if position == 0 { pending.append(counter + 1) }
            case .end: if position == count { pending.append(counter + 1) }
            case .accept: return true
            }
        }
        return false
    }
}

/// Positions are counters of the program that were reached, `program.count` that a match was found, -1 the start of the text.
extension TextPattern: TextAutomaton {
    var start: Set<Int> { [-1] }

    func next(_ positions: Set<Int>, _ scalar: Unicode.Scalar) -> Set<Int> {
        let found = closure(positions, atEnd: false)
        guard !found.isAccepted else { return [program.count] }
        return found.counters.reduce(into: Set<Int>([0])) { reached, counter in
            if case .scalar(let wanted) = program[counter], wanted.contains(scalar) { reached.insert(counter + 1) }
        }
    }

    func accepts(_ positions: Set<Int>) -> Bool { closure(positions, atEnd: true).isAccepted }

    /// Of each range both sides of both ends, as far as they can be typed.
    func representatives(_ positions: Set<Int>) -> Set<Unicode.Scalar> {
        closure(positions, atEnd: false).counters.reduce(into: []) { found, counter in
            guard case .scalar(let wanted) = program[counter] else { return }
            for range in wanted.ranges {
                let edges = [range.lowerBound, range.lowerBound &- 1, range.upperBound, range.upperBound &+ 1]
                found.formUnion(edges.filter { (0x20...0x7E).contains($0) }.compactMap(Unicode.Scalar.init))
            }
        }
    }

    private func closure(_ positions: Set<Int>, atEnd: Bool) -> (counters: Set<Int>, isAccepted: Bool) {
        guard !positions.contains(program.count) else { return ([], true) }
        let isStart = positions.contains(-1)
        var pending = positions.map { max($0, 0) }
        var seen: Set<Int> = []
        while let counter = pending.popLast() {
            guard seen.insert(counter).inserted else { continue }
            switch program[counter] {
            case .scalar: break
            case .split(let first, let second): pending += [first, second]
            case .jump(let target): pending.append(target)
            case .start: if isStart { pending.append(counter + 1) }
            case .end: if atEnd { pending.append(counter + 1) }
            case .accept: return (seen, true)
            }
        }
        return (seen, false)
    }
}

extension TextPatternError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong: "the pattern is longer than \(TextPattern.maximumBytes) bytes"
        case .tooLarge: "the pattern repeats too much; use smaller counts"
        case .syntax(let problem, let offset): "the pattern is not valid at character \(offset + 1): \(problem)"
        }
    }
}
