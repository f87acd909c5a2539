// SPDX-License-Identifier: Apache-2.0

import Yams

/// Finds keys that their mapping has already. Yams stops at the first pair of them and says where its first key stands: that one
/// gets another name, and the text is read again, until no two are equal.
enum DuplicateKeys {
    /// Pairs; in a file with more of them they are found once these are mended.
    private static let maximum = 8

    /// The second key of each pair, and those after it. Empty where they cannot be told.
    static func positions(in text: String, file: String) -> [(key: String, position: SourcePosition)] {
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        var names: [SourcePosition: String] = [:]
        for round in 0...maximum {
            do {
                let joined = lines.joined(separator: ["\n"])
                let yaml = try Parser(
                    yaml: String(String.UnicodeScalarView(joined)), resolver: .basic, encoding: .utf8)
                guard let root = try yaml.singleRoot() else { return [] }
                return withExtendedLifetime(yaml) { repeats(in: root, file: file, depth: 0, names) }
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let position = SourcePosition(file: file, line: context.mark.line, column: context.mark.column)
                guard let key = keys.first, rename(position, round, &lines) else { return [] }
                names[position] = key
            } catch {
                return []
            }
        }
        return []
    }

    /// One character of the key becomes another, of private use, so that every place stays where it is.
    private static func rename(_ position: SourcePosition, _ round: Int, _ lines: inout [[Unicode.Scalar]]) -> Bool {
        guard lines.indices.contains(position.line - 1), let name = Unicode.Scalar(0xE000 + round) else { return false }
        let line = lines[position.line - 1]
        var column = position.column - 1
        if line.indices.contains(column), line[column] == "\"" || line[column] == "'" { column += 1 }
        guard line.indices.contains(column), !"\"'\\".unicodeScalars.contains(line[column]) else { return false }
        lines[position.line - 1][column] = name
        return true
    }

    /// - Parameter names: of the keys that were renamed.
    private static func repeats(
        in node: Node, file: String, depth: Int, _ names: [SourcePosition: String]
    ) -> [(key: String, position: SourcePosition)] {
        guard depth < YAMLNode.maximumDepth else { return [] }
        switch node {
        case .scalar, .alias: return []
        case .sequence(let sequence):
            return sequence.flatMap { repeats(in: $0, file: file, depth: depth + 1, names) }
        case .mapping(let mapping):
            var seen: Set<String> = []
            return mapping.flatMap { key, value -> [(key: String, position: SourcePosition)] in
                let below = repeats(in: value, file: file, depth: depth + 1, names)
                guard let mark = key.mark, case .scalar(let scalar) = key else { return below }
                let position = SourcePosition(file: file, line: mark.line, column: mark.column)
                let name = names[position] ?? scalar.string
                return (seen.insert(name).inserted ? [] : [(name, position)]) + below
            }
        }
    }
}
