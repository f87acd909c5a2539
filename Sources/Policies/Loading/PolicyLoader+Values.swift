// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicyLoader {
    mutating func duration(_ node: YAMLNode, _ what: String) -> Duration? {
        guard case .scalar(let text, _) = node.value else {
            problems.add(node.position, "\(what) must be a duration such as `30m`, not \(node.kindName)")
            return nil
        }
        return attempt(node.position) { () throws(PolicyDurationError) in try PolicyDuration.parse(text) }
    }

    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ node: YAMLNode, _ what: String, as type: Word.Type
    ) -> Word? where Word.RawValue == String {
        guard let text = text(node, what) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let known = Word.allCases.map(\.rawValue)
        let hint = NearestWord.to(text, among: known).map { "did you mean `\($0)`?" } ?? "known are \(quoted(known))"
        problems.add(node.position, "`\(text)` is unknown in \(what); \(hint)")
        return nil
    }
}
