// SPDX-License-Identifier: Apache-2.0

/// Some values of an attribute, by number: a bit for each, for sets of ten thousand people are compared with each other.
struct ValueSet: ExpressibleByArrayLiteral {
    private static let width = UInt64.bitWidth

    private var words: [UInt64] = []

    init(_ values: some Sequence<Int>) { for value in values { insert(value) } }

    init(arrayLiteral values: Int...) { self.init(values) }

    init(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        words = Array(repeating: .max, count: (range.upperBound - 1) / Self.width + 1)
        for word in 0..<(range.lowerBound / Self.width) { words[word] = 0 }
        words[range.lowerBound / Self.width] &= .max << UInt64(range.lowerBound % Self.width)
        words[words.count - 1] &= .max >> UInt64(words.count * Self.width - range.upperBound)
    }

    mutating func insert(_ value: Int) {
        let word = value / Self.width
        if word >= words.count { words += Array(repeating: 0, count: word + 1 - words.count) }
        words[word] |= 1 << UInt64(value % Self.width)
    }

    func contains(_ value: Int) -> Bool {
        let word = value / Self.width
        return word < words.count && words[word] >> UInt64(value % Self.width) & 1 == 1
    }

    /// The smallest.
    var first: Int? {
        words.firstIndex { $0 != 0 }.map { $0 * Self.width + words[$0].trailingZeroBitCount }
    }

    /// Ascending.
    var members: [Int] {
        words.indices.flatMap { word in
            (0..<Self.width).filter { words[word] >> UInt64($0) & 1 == 1 }.map { word * Self.width + $0 }
        }
    }

    var isEmpty: Bool { !words.contains { $0 != 0 } }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    mutating func formUnion(_ other: ValueSet) {
        if other.words.count > words.count { words += Array(repeating: 0, count: other.words.count - words.count) }
        for (word, bits) in other.words.enumerated() { words[word] |= bits }
    }

    func intersection(_ other: ValueSet) -> ValueSet {
        var common = ValueSet()
        common.words = zip(words, other.words).map { $0 & $1 }
        return common
    }

    func subtracting(_ other: ValueSet) -> ValueSet {
        var rest = self
        for (word, bits) in zip(words.indices, other.words) { rest.words[word] &= ~bits }
        return rest
    }
}
