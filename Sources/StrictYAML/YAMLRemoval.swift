// SPDX-License-Identifier: Apache-2.0

/// Takes members of a list, or an entry of a mapping, out of a file and leaves every other byte as it is.
///
/// YAML says where a node begins and not where it ends, so the text is cut by lines, indentation and commas, and then read
/// again: what came of it must be the old document without what was to go, or nothing is done.
package struct YAMLRemoval: Sendable {
    package enum Step: Sendable, Hashable {
        case key(String)
        case member(Int)
    }

    package enum What: Sendable, Hashable {
        /// Not all of them: an empty list is not written.
        case members(Set<Int>)
        /// Not the only one.
        case entry(String)
    }

    /// From the root to the list or mapping.
    package let path: [Step]
    package let what: What

    package init(_ what: What, at path: [Step]) {
        (self.what, self.path) = (what, path)
    }

    /// The new bytes; nil where the text cannot be cut without a person looking at it.
    package func applied(to bytes: [UInt8], limit: Int) -> [UInt8]? {
        guard let root = Self.parse(bytes, limit), let container = root.descendant(path), let shape = root.shape,
            let expected = shape.removing(what, at: path[...])
        else { return nil }
        let text = SourceText(bytes)
        let cuts: [Range<Int>]?
        switch (what, container.value) {
        case (.members(let indexes), .list(let members)):
            cuts =
                text.character(at: container.position) == "["
                ? text.flowMembers(members.map(\.position), without: indexes)
                : text.blockMembers(indexes.sorted().map { members[$0].position })
        case (.entry(let key), .mapping(let entries)):
            cuts = entries.first { $0.key == key }.flatMap { text.blockEntry($0) }
        default: cuts = nil
        }
        guard let cuts else { return nil }
        let edited = text.without(cuts)
        guard let found = Self.parse(edited, limit)?.shape, found == expected else { return nil }
        return edited
    }

    private static func parse(_ bytes: [UInt8], _ limit: Int) -> YAMLNode? {
        var problems = YAMLProblems()
        return YAMLNode.parse(bytes, file: "", limit: limit, &problems)
    }
}

extension YAMLNode {
    package func descendant(_ path: [YAMLRemoval.Step]) -> YAMLNode? {
        path.reduce(self) { node, step in
            switch (step, node?.value) {
            case (.key(let key), .mapping(let entries)): entries.first { $0.key == key }?.value
            case (.member(let index), .list(let members)): members.indices.contains(index) ? members[index] : nil
            default: nil
            }
        }
    }

    fileprivate var shape: Shape? {
        switch value {
        case .scalar(let text, let isPlain): .scalar(text, isPlain: isPlain)
        case .list(let members): .list(members.compactMap(\.shape))
        case .mapping(let entries):
            .mapping(entries.compactMap { entry in entry.value.shape.map { Shape.Entry(entry.key, $0) } })
        }
    }
}

/// A document without its places.
private indirect enum Shape: Equatable {
    struct Entry: Equatable {
        let key: String
        let value: Shape

        init(_ key: String, _ value: Shape) {
            (self.key, self.value) = (key, value)
        }
    }

    case scalar(String, isPlain: Bool)
    case list([Shape])
    case mapping([Entry])

    func removing(_ what: YAMLRemoval.What, at path: ArraySlice<YAMLRemoval.Step>) -> Shape? {
        guard let step = path.first else {
            switch (what, self) {
            case (.members(let indexes), .list(let members)):
                guard !indexes.isEmpty, indexes.isSubset(of: members.indices), indexes.count < members.count else { return nil }
                return .list(members.enumerated().filter { !indexes.contains($0.offset) }.map(\.element))
            case (.entry(let key), .mapping(let entries)):
                guard entries.count > 1, entries.contains(where: { $0.key == key }) else { return nil }
                return .mapping(entries.filter { $0.key != key })
            default: return nil
            }
        }
        switch (step, self) {
        case (.key(let key), .mapping(var entries)):
            guard let index = entries.firstIndex(where: { $0.key == key }),
                let value = entries[index].value.removing(what, at: path.dropFirst())
            else { return nil }
            entries[index] = Entry(key, value)
            return .mapping(entries)
        case (.member(let index), .list(var members)):
            guard members.indices.contains(index), let value = members[index].removing(what, at: path.dropFirst()) else {
                return nil
            }
            members[index] = value
            return .list(members)
        default: return nil
        }
    }
}

/// The text of a file by lines and columns, both from 1, columns in Unicode scalars.
private struct SourceText {
    private let scalars: [Unicode.Scalar]
    /// Where each line begins, and one more for the end.
    private let lines: [Int]

    init(_ bytes: [UInt8]) {
        let scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        let ends = scalars.indices.filter { scalars[$0] == "\n" }.map { $0 + 1 }
        self.scalars = scalars
        lines = [0] + ends + (ends.last == scalars.count ? [] : [scalars.count])
    }

    func character(at position: SourcePosition) -> Unicode.Scalar? {
        let offset = offset(of: position)
        return scalars.indices.contains(offset) ? scalars[offset] : nil
    }

    func without(_ cuts: [Range<Int>]) -> [UInt8] {
        var text = String.UnicodeScalarView()
        var next = 0
        for cut in cuts.sorted(by: { $0.lowerBound < $1.lowerBound }) where cut.lowerBound >= next {
            text.append(contentsOf: scalars[next..<cut.lowerBound])
            next = cut.upperBound
        }
        text.append(contentsOf: scalars[next...])
        return Array(String(text).utf8)
    }

    /// With their commas. Only scalars, and no comment goes with them.
    func flowMembers(_ positions: [SourcePosition], without removed: Set<Int>) -> [Range<Int>]? {
        let starts = positions.map(offset)
        var cuts: [Range<Int>] = []
        var hasSurvivor = false
        for index in starts.indices {
            guard removed.contains(index) else {
                hasSurvivor = true
                continue
            }
            guard let end = endOfFlowScalar(starts[index]) else { return nil }
            let cut: Range<Int>
            if hasSurvivor {
                guard let before = endOfFlowScalar(starts[index - 1]), before <= end else { return nil }
                cut = before..<end
            } else {
                guard index + 1 < starts.count else { return nil }
                cut = starts[index]..<starts[index + 1]
            }
            guard !scalars[cut].contains("#") else { return nil }
            cuts.append(cut)
        }
        return cuts
    }

    /// Whole lines, from the dash on.
    func blockMembers(_ positions: [SourcePosition]) -> [Range<Int>]? {
        var cuts: [Range<Int>] = []
        for position in positions {
            let line = position.line - 1
            guard let indent = indent(of: line), scalars[lines[line] + indent] == "-" else { return nil }
            cuts.append(lines[line]..<lines[end(after: line, indent: indent, listAtIndent: false)])
        }
        return cuts
    }

    /// Whole lines, from the key on.
    func blockEntry(_ entry: YAMLNode.Entry) -> [Range<Int>]? {
        let line = entry.keyPosition.line - 1
        guard let indent = indent(of: line), indent == entry.keyPosition.column - 1 else { return nil }
        let isList = if case .list = entry.value.value { true } else { false }
        return [lines[line]..<lines[end(after: line, indent: indent, listAtIndent: isList)]]
    }

    private func offset(of position: SourcePosition) -> Int {
        guard lines.indices.contains(position.line - 1) else { return scalars.count }
        return lines[position.line - 1] + position.column - 1
    }

    /// The first line that is not part of what begins at `line`. Comments and empty lines at the end are not part of it.
    private func end(after line: Int, indent: Int, listAtIndent: Bool) -> Int {
        var end = line + 1
        for next in (line + 1)..<max(line + 1, lines.count - 1) {
            guard let found = self.indent(of: next) else { continue }
            let first = scalars[lines[next] + found]
            guard found > indent || (listAtIndent && found == indent && first == "-") else { break }
            end = next + 1
        }
        return end
    }

    /// Spaces before the first character; nil for an empty line, and for one that is only a comment and so begins nothing.
    private func indent(of line: Int) -> Int? {
        guard line + 1 < lines.count else { return nil }
        let text = scalars[lines[line]..<lines[line + 1]]
        let spaces = text.prefix { $0 == " " }.count
        guard let first = text.dropFirst(spaces).first, first != "\n", first != "\r" else { return nil }
        return first == "#" ? nil : spaces
    }

    private func endOfFlowScalar(_ start: Int) -> Int? {
        guard scalars.indices.contains(start) else { return nil }
        let quote = scalars[start]
        if quote == "[" || quote == "{" { return nil }
        guard quote == "\"" || quote == "'" else {
            guard let end = scalars[start...].firstIndex(where: { $0 == "," || $0 == "]" || $0 == "#" || $0 == "\n" }) else {
                return nil
            }
            let trailing = scalars[start..<end].reversed().prefix { $0 == " " || $0 == "\r" }.count
            return end - trailing
        }
        var index = start + 1
        while index < scalars.count {
            if quote == "\"", scalars[index] == "\\" {
                index += 2
            } else if scalars[index] == quote {
                // In single quotes a quote is written twice.
                guard quote == "'", index + 1 < scalars.count, scalars[index + 1] == quote else { return index + 1 }
                index += 2
            } else {
                index += 1
            }
        }
        return nil
    }
}
