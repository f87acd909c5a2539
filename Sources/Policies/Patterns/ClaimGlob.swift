// SPDX-License-Identifier: Apache-2.0

enum ClaimGlobError: Error, Hashable {
    case tooLong
    case threeStars(String)
}

/// Text in which `*` stands for any run of bytes without a slash, also none, and `**` for any run at all. Matching takes
/// time linear in text times pattern.
struct ClaimGlob: Hashable, Sendable {
    static let maximumBytes = 256

    let text: String
    private let parts: [Part]

    private enum Part: Hashable, Sendable {
        case byte(UInt8)
        case withinSlashes
        case anything

        func mayTake(_ byte: UInt8) -> Bool {
            switch self {
            case .byte(let wanted): byte == wanted
            case .withinSlashes: byte != UInt8(ascii: "/")
            case .anything: true
            }
        }
    }

    init(_ text: String) throws(ClaimGlobError) {
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLong }
        var parts: [Part] = []
        for byte in text.utf8 {
            guard byte == UInt8(ascii: "*") else {
                parts.append(.byte(byte))
                continue
            }
            switch parts.last {
            case .anything: throw .threeStars(text)
            case .withinSlashes: parts[parts.count - 1] = .anything
            default: parts.append(.withinSlashes)
            }
        }
        self.text = text
        self.parts = parts
    }

    static func isGlob(_ text: String) -> Bool { text.utf8.contains(UInt8(ascii: "*")) }

    func matches(_ candidate: String) -> Bool {
        // `reached[i]`: the text read so far is what the first `i` parts may stand for.
        var reached = [Bool](repeating: false, count: parts.count + 1)
        reached[0] = true
        skipStars(&reached)
        for byte in candidate.utf8 {
            var next = [Bool](repeating: false, count: parts.count + 1)
            for (index, part) in parts.enumerated() where reached[index] && part.mayTake(byte) {
                if case .byte = part { next[index + 1] = true } else { next[index] = true }
            }
            skipStars(&next)
            reached = next
        }
        return reached[parts.count]
    }

    /// A star may stand for nothing.
    private func skipStars(_ reached: inout [Bool]) {
        for (index, part) in parts.enumerated() where reached[index] {
            if case .byte = part { continue }
            reached[index + 1] = true
        }
    }
}

extension ClaimGlob: TextAutomaton {
    var start: Set<Int> { skippingStars([0]) }

    func next(_ positions: Set<Int>, _ scalar: Unicode.Scalar) -> Set<Int> {
        String(scalar).utf8.reduce(positions) { positions, byte in
            skippingStars(
                positions.reduce(into: []) { reached, index in
                    guard index < parts.count, parts[index].mayTake(byte) else { return }
                    if case .byte = parts[index] { reached.insert(index + 1) } else { reached.insert(index) }
                })
        }
    }

    func accepts(_ positions: Set<Int>) -> Bool { positions.contains(parts.count) }

    func representatives(_ positions: Set<Int>) -> Set<Unicode.Scalar> {
        positions.reduce(into: []) { found, index in
            if index < parts.count, case .byte(let byte) = parts[index] { found.insert(Unicode.Scalar(byte)) }
        }
    }

    private func skippingStars(_ positions: Set<Int>) -> Set<Int> {
        positions.reduce(into: []) { reached, start in
            var index = start
            reached.insert(index)
            while index < parts.count {
                if case .byte = parts[index] { break }
                index += 1
                reached.insert(index)
            }
        }
    }
}

extension ClaimGlobError: CustomStringConvertible {
    var description: String {
        switch self {
        case .tooLong: "the pattern is longer than \(ClaimGlob.maximumBytes) bytes"
        case .threeStars(let text): "`\(text)` has three stars in a row; `*` stays between slashes, `**` does not"
        }
    }
}
