// SPDX-License-Identifier: Apache-2.0

/// Text in which `*` stands for any run of bytes, also none. Matching takes time linear in text times pattern.
struct Wildcard: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    var isExact: Bool { !text.utf8.contains(UInt8(ascii: "*")) }

    func matches(_ candidate: String) -> Bool {
        Self.matches(pattern: Array(text.utf8), text: Array(candidate.utf8))
    }

    static func matches(pattern: [UInt8], text: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        var patternIndex = 0
        var textIndex = 0
        var lastStar: (pattern: Int, text: Int)?
        while textIndex < text.count {
            if patternIndex < pattern.count, pattern[patternIndex] == star {
                lastStar = (patternIndex, textIndex)
                patternIndex += 1
            } else if patternIndex < pattern.count, pattern[patternIndex] == text[textIndex] {
                patternIndex += 1
                textIndex += 1
            } else if let star = lastStar {
                lastStar = (star.pattern, star.text + 1)
                patternIndex = star.pattern + 1
                textIndex = star.text + 1
            } else {
                return false
            }
        }
        return pattern[patternIndex...].allSatisfy { $0 == star }
    }
}
