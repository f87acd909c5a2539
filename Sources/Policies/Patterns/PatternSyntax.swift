// SPDX-License-Identifier: Apache-2.0

indirect enum PatternSyntax: Hashable {
    case scalar(ScalarClass)
    case start
    case end
    case sequence([PatternSyntax])
    case choice(PatternSyntax, PatternSyntax)
    /// `maximum` nil: without end.
    case repeated(PatternSyntax, minimum: Int, maximum: Int?)
}

/// A set of characters, as ranges of Unicode scalars.
struct ScalarClass: Hashable, Sendable {
    var ranges: [ClosedRange<UInt32>]
    var isNegated = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != isNegated
    }

    static let any = ScalarClass(ranges: [], isNegated: true)
    static let digits = ScalarClass(ranges: [0x30...0x39])
    static let word = ScalarClass(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = ScalarClass(ranges: [0x09...0x0D, 0x20...0x20])

    static func exactly(_ scalar: Unicode.Scalar) -> ScalarClass { ScalarClass(ranges: [scalar.value...scalar.value]) }

    var inverted: ScalarClass { ScalarClass(ranges: ranges, isNegated: !isNegated) }
}
