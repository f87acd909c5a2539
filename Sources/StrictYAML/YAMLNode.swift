// SPDX-License-Identifier: Apache-2.0

import Yams

/// A value of a file with its place: what is left of YAML once anchors, tags and several documents are refused.
package struct YAMLNode {
    package enum Value {
        /// `isPlain`: without quotes, so YAML might read it as something other than text.
        case scalar(String, isPlain: Bool)
        case list([YAMLNode])
        case mapping([Entry])
    }

    package struct Entry {
        package let key: String
        package let keyPosition: SourcePosition
        package let value: YAMLNode
    }

    /// More than any file of ours needs; deeper input is hostile.
    static let maximumDepth = 16

    package let position: SourcePosition
    package let value: Value

    /// The one document of a file, or nil with at least one problem added.
    package static func parse(
        _ bytes: [UInt8], file: String, limit: Int, _ problems: inout YAMLProblems
    ) -> YAMLNode? {
        guard let text = YAMLText.checked(bytes, file: file, limit: limit, &problems) else { return nil }
        do {
            // `basic` resolves nothing: what a scalar means is decided by the key it stands under. `yaml` keeps the
            // anchors of its nodes alive, so it must live as long as they are read.
            let yaml = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let root = try yaml.singleRoot() else {
                problems.add(SourcePosition(file: file, line: 1, column: 1), "the file is empty")
                return nil
            }
            return withExtendedLifetime(yaml) { YAMLNode(root, file: file, depth: 0, &problems) }
        } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
            let first = SourcePosition(file: file, line: context.mark.line, column: context.mark.column)
            let found = DuplicateKeys.positions(in: text, file: file)
            for (key, position) in found.isEmpty ? [(keys.first ?? "", first)] : found {
                problems.add(position, "key `\(printable: key)` is written more than once in this mapping")
            }
            return nil
        } catch {
            let (position, problem) = describe(error, file: file)
            problems.add(position, problem)
            return nil
        }
    }

    private init?(_ node: Node, file: String, depth: Int, isKey: Bool = false, _ problems: inout YAMLProblems) {
        position = SourcePosition(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        guard node.anchor == nil else {
            problems.add(position, "anchors and aliases are not allowed")
            return nil
        }
        guard depth < Self.maximumDepth else {
            problems.add(position, "nested deeper than \(Self.maximumDepth) levels")
            return nil
        }
        switch node {
        case .scalar(let scalar):
            // A scalar in quotes, and a key, has the tag of text without one being written.
            let expected = scalar.style == .plain && !isKey ? "" : Tag.Name.str.rawValue
            guard scalar.tag.rawValue == expected else {
                problems.add(position, "tags are not allowed")
                return nil
            }
            value = .scalar(scalar.string, isPlain: scalar.style == .plain)
        case .sequence(let sequence):
            guard sequence.tag.rawValue.isEmpty else {
                problems.add(position, "tags are not allowed")
                return nil
            }
            let members = sequence.map { YAMLNode($0, file: file, depth: depth + 1, &problems) }
            let valid = members.compactMap { $0 }
            guard valid.count == members.count else { return nil }
            value = .list(valid)
        case .mapping(let mapping):
            guard mapping.tag.rawValue.isEmpty else {
                problems.add(position, "tags are not allowed")
                return nil
            }
            var entries: [Entry] = []
            var isValid = true
            for (key, child) in mapping {
                guard case .scalar = key else {
                    let mark = key.mark ?? node.mark
                    problems.add(
                        SourcePosition(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1), "a key must be text")
                    isValid = false
                    continue
                }
                let keyNode = YAMLNode(key, file: file, depth: depth + 1, isKey: true, &problems)
                let childNode = YAMLNode(child, file: file, depth: depth + 1, &problems)
                guard let keyNode, case .scalar(let text, _) = keyNode.value, let childNode else {
                    isValid = false
                    continue
                }
                entries.append(Entry(key: text, keyPosition: keyNode.position, value: childNode))
            }
            guard isValid else { return nil }
            value = .mapping(entries)
        case .alias:
            problems.add(position, "anchors and aliases are not allowed")
            return nil
        }
    }

    private static func describe(_ error: any Error, file: String) -> (SourcePosition, String) {
        func place(_ mark: Mark) -> SourcePosition { SourcePosition(file: file, line: mark.line, column: mark.column) }
        let star = "`*` begins a YAML alias, which is not allowed; put the value in quotes"
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _):
            if context?.text.hasSuffix("alias") == true { return (place(context?.mark ?? mark), star) }
            return (place(mark), "not valid YAML: \(problem)")
        case .parser(_, let problem, let mark, _):
            return (place(mark), "not valid YAML: \(problem)")
        case .composer(_, let problem, let mark, _):
            if problem.hasSuffix("alias") { return (place(mark), star) }
            return (place(mark), "more than one document; use one file for each")
        default:
            return (SourcePosition(file: file, line: 1, column: 1), "not valid YAML")
        }
    }
}

extension YAMLNode {
    /// What YAML takes a scalar without quotes for.
    package enum PlainKind: Hashable { case nothing, flag, number, text }

    package static func kind(ofPlain text: String) -> PlainKind {
        if ["", "~", "null", "Null", "NULL"].contains(text) { return .nothing }
        if ["true", "false", "yes", "no", "on", "off"].contains(text.lowercased()) { return .flag }
        if [".inf", "+.inf", "-.inf", ".nan"].contains(text.lowercased()) { return .number }
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: ".") }
        guard let first = digits.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return .text }
        let isNumber = Double(text.filter { $0 != "_" }) != nil || text.hasPrefix("0x") || text.hasPrefix("0o")
        return isNumber ? .number : .text
    }

    /// For messages: `a list`, `a number`.
    package var kindName: String {
        switch value {
        case .list: "a list"
        case .mapping: "a mapping"
        case .scalar(_, isPlain: false): "text"
        case .scalar(let text, isPlain: true):
            switch Self.kind(ofPlain: text) {
            case .nothing: "nothing"
            case .flag: "`\(text)`"
            case .number: "a number"
            case .text: "text"
            }
        }
    }
}
