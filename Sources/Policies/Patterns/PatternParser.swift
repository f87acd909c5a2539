// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// Reads a pattern by recursive descent. Nesting is bounded by the length of the pattern.
struct PatternParser {
    /// Counts above this are refused; nested counts are bounded by the size of the program.
    static let maximumCount = 200

    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func parse() throws(TextPatternError) -> PatternSyntax {
        let syntax = try choice()
        guard position == scalars.count else { throw problem("`)` closes no group") }
        return syntax
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private func problem(_ text: String) -> TextPatternError { .syntax(text, offset: position) }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private mutating func choice() throws(TextPatternError) -> PatternSyntax {
        let first = try sequence()
        return skip("|") ? .choice(first, try choice()) : first
    }

    private mutating func sequence() throws(TextPatternError) -> PatternSyntax {
        var parts: [PatternSyntax] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            parts.append(try repeated())
        }
        return .sequence(parts)
    }

    private mutating func repeated() throws(TextPatternError) -> PatternSyntax {
        let part = try atom()
        let limits: (Int, Int?)
        switch next {
        case "*": limits = (0, nil)
        case "+": limits = (1, nil)
        case "?": limits = (0, 1)
        case "{":
            position += 1
            limits = try counts()
        default: return part
        }
        if part == .start || part == .end { throw problem("an anchor cannot be repeated") }
        position += 1
        if let following = next, following == "*" || following == "+" || following == "?" || following == "{" {
            throw problem("a repeat cannot be repeated; use a group")
        }
        return .repeated(part, minimum: limits.0, maximum: limits.1)
    }

    /// Leaves the position at `}`.
    private mutating func counts() throws(TextPatternError) -> (Int, Int?) {
        let minimum = try count()
        var maximum: Int? = minimum
        if skip(",") { maximum = next == "}" ? nil : try count() }
        guard next == "}" else { throw problem("expected `}` after the counts") }
        if let maximum, maximum < minimum { throw problem("the second count is smaller than the first") }
        return (minimum, maximum)
    }

    private mutating func count() throws(TextPatternError) -> Int {
        var digits = ""
        while let scalar = next, ("0"..."9").contains(scalar), digits.utf8.count < 4 {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        guard let count = Int(digits), count <= Self.maximumCount else {
            throw problem("expected a count up to \(Self.maximumCount)")
        }
        return count
    }

    private mutating func atom() throws(TextPatternError) -> PatternSyntax {
        guard let scalar = next else { throw problem("the pattern ends too early") }
        switch scalar {
        case "^":
            position += 1
            return .start
        case "$":
            position += 1
            return .end
        case ".":
            position += 1
            return .scalar(.any)
        case "(": return try group()
        case "[": return .scalar(try bracket())
        case "\\": return .scalar(try escape())
        case "*", "+", "?", "{": throw problem("nothing to repeat")
        case "]", "}": throw problem("write `\\\(scalar)` for the character itself")
        default:
            position += 1
            return .scalar(.exactly(scalar))
        }
    }

    private mutating func group() throws(TextPatternError) -> PatternSyntax {
        position += 1
        if skip("?") {
            guard skip(":") else { throw problem("look-around, names and flags are not supported") }
        }
        let syntax = try choice()
        guard skip(")") else { throw problem("`(` is never closed") }
        return syntax
    }

    private mutating func escape() throws(TextPatternError) -> ScalarClass {
        position += 1
        guard let scalar = next else { throw problem("`\\` ends the pattern") }
        let scalars: ScalarClass
        switch scalar {
        case "d": scalars = .digits
        case "D": scalars = .digits.inverted
        case "w": scalars = .word
        case "W": scalars = .word.inverted
        case "s": scalars = .space
        case "S": scalars = .space.inverted
        default:
            guard scalar.isASCII, scalar.isPlainlyVisible, !ScalarClass.word.contains(scalar) else {
                throw problem("`\\\(scalar)` is not supported")
            }
            scalars = .exactly(scalar)
        }
        position += 1
        return scalars
    }

    private mutating func bracket() throws(TextPatternError) -> ScalarClass {
        position += 1
        var result = ScalarClass(ranges: [], isNegated: skip("^"))
        while !skip("]") {
            let first = try member()
            if first.isNegated { throw problem("a negated class cannot stand inside brackets") }
            guard let low = single(first), next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                result.ranges += first.ranges
                continue
            }
            position += 1
            guard let high = single(try member()), low <= high else { throw problem("the range is not valid") }
            result.ranges.append(low...high)
        }
        guard !result.ranges.isEmpty else { throw problem("the class is empty") }
        return result
    }

    private mutating func member() throws(TextPatternError) -> ScalarClass {
        guard let scalar = next else { throw problem("`[` is never closed") }
        if scalar == "\\" { return try escape() }
        if scalar == "[" { throw problem("write `\\[` for the character itself") }
        position += 1
        return .exactly(scalar)
    }

    private func single(_ scalars: ScalarClass) -> UInt32? {
        guard scalars.ranges.count == 1, let range = scalars.ranges.first, range.count == 1 else { return nil }
        return range.lowerBound
    }
}
