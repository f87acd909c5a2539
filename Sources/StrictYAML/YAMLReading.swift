// SPDX-License-Identifier: Apache-2.0

/// The keys of a mapping, all of them known.
package struct Fields {
    package let position: SourcePosition
    private let values: [String: YAMLNode]

    init(position: SourcePosition, values: [String: YAMLNode]) {
        self.position = position
        self.values = values
    }

    package subscript(key: String) -> YAMLNode? { values[key] }

    package var isEmpty: Bool { values.isEmpty }
}

/// Text with its place.
package struct Located: Hashable {
    package let text: String
    package let position: SourcePosition

    package init(text: String, position: SourcePosition) {
        self.text = text
        self.position = position
    }
}

/// Reads values of one type each. What does not fit is noted and nil.
package protocol YAMLReading {
    var problems: YAMLProblems { get set }
}

extension YAMLReading {
    package mutating func entries(_ node: YAMLNode, _ what: String) -> [YAMLNode.Entry]? {
        guard case .mapping(let entries) = node.value else {
            problems.add(node.position, "\(what) must be a mapping, not \(node.kindName)")
            return nil
        }
        guard !entries.isEmpty else {
            problems.add(node.position, "\(what) is empty; leave it out")
            return nil
        }
        return entries
    }

    package mutating func fields(_ node: YAMLNode, _ what: String, known: [String]) -> Fields? {
        guard let entries = entries(node, what) else { return nil }
        for entry in entries where !known.contains(entry.key) {
            let nearest = NearestWord.to(entry.key, among: known)
            let hint = nearest.map { "did you mean `\($0)`?" } ?? "known are \(quoted(known))"
            problems.add(entry.keyPosition, "unknown key `\(printable: entry.key)` in \(what); \(hint)")
        }
        let pairs = entries.map { ($0.key, $0.value) }
        return Fields(position: node.position, values: Dictionary(pairs) { first, _ in first })
    }

    /// Never empty.
    package mutating func list(_ node: YAMLNode, _ what: String) -> [YAMLNode]? {
        guard case .list(let members) = node.value else {
            problems.add(node.position, "\(what) must be a list, not \(node.kindName)")
            return nil
        }
        guard !members.isEmpty else {
            problems.add(node.position, "\(what) is empty; leave it out")
            return nil
        }
        return members
    }

    /// Never empty; plain scalars that YAML reads as something else must be quoted.
    package mutating func text(_ node: YAMLNode, _ what: String) -> String? {
        guard case .scalar(let text, let isPlain) = node.value else {
            problems.add(node.position, "\(what) must be text, not \(node.kindName)")
            return nil
        }
        if isPlain, YAMLNode.kind(ofPlain: text) != .text {
            let hint = text.isEmpty ? "" : "; put it in quotes if it is meant as text"
            problems.add(node.position, "\(what) must be text, not \(node.kindName)\(hint)")
            return nil
        }
        guard text.utf8.count <= 4096 else {
            problems.add(node.position, "\(what) is longer than 4096 bytes")
            return nil
        }
        guard !text.isEmpty, text.isPlainlyVisible else {
            problems.add(node.position, text.isEmpty ? "\(what) is empty" : "\(what) must be one line of visible characters")
            return nil
        }
        return text
    }

    /// Distinct texts, at least one. What is wrong in some of them is noted; the others are returned.
    package mutating func texts(_ node: YAMLNode, _ what: String) -> [Located] {
        var seen: Set<String> = []
        var result: [Located] = []
        for member in list(node, what) ?? [] {
            guard let text = text(member, "each of \(what)") else { continue }
            guard seen.insert(text).inserted else {
                problems.add(member.position, "`\(text)` is listed twice")
                continue
            }
            result.append(Located(text: text, position: member.position))
        }
        return result
    }

    package mutating func flag(_ node: YAMLNode, _ what: String) -> Bool? {
        switch node.value {
        case .scalar("true", isPlain: true): return true
        case .scalar("false", isPlain: true): return false
        default:
            problems.add(node.position, "\(what) must be `true` or `false`, not \(node.kindName)")
            return nil
        }
    }

    package mutating func words<Word: RawRepresentable & CaseIterable>(
        _ node: YAMLNode, _ what: String, as type: Word.Type
    ) -> [Word] where Word.RawValue == String {
        let known = Word.allCases.map(\.rawValue)
        return texts(node, what).compactMap { found in
            if let word = Word(rawValue: found.text) { return word }
            let nearest = NearestWord.to(found.text, among: known)
            let hint = nearest.map { "did you mean `\($0)`?" } ?? "known are \(quoted(known))"
            problems.add(found.position, "`\(printable: found.text)` is unknown in \(what); \(hint)")
            return nil
        }
    }

    /// The value, or nil with the error noted as it describes itself.
    package mutating func attempt<Value, Failure: Error>(
        _ position: SourcePosition, _ body: () throws(Failure) -> Value
    ) -> Value? {
        do {
            return try body()
        } catch {
            problems.add(position, "\(error)")
            return nil
        }
    }

    package func quoted(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: ", ") }
}
