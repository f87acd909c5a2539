// SPDX-License-Identifier: Apache-2.0

import StrictJSON
import StrictYAML

/// An object of the source with its place. Remembers which keys were taken, so that no setting is passed over in silence.
///
/// Keys are found whatever their case, because the programs these files are for find them so: a restriction under `Policy`
/// is one.
struct SourceObject {
    let path: String
    private let members: [JSONNode.Member]
    private let foldsKeys: Bool
    private var values: [String: JSONNode] = [:]
    private var taken: Set<String> = []

    /// - Parameter foldsKeys: false where keys are names, which differ when their case does.
    init(_ value: JSONNode, path: String, foldsKeys: Bool = true) throws(ImportError) {
        guard case .object(let members) = value else {
            throw .wrongType(path: path, expected: "an object", found: value.kindName)
        }
        self.path = path
        self.members = members
        self.foldsKeys = foldsKeys
        for member in members {
            guard values.updateValue(member.value, forKey: folded(member.key)) == nil else {
                throw .duplicateKey(path: path.isEmpty ? member.key : path + "." + member.key)
            }
        }
    }

    private func folded(_ key: String) -> String { foldsKeys ? key.uppercased() : key }

    func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(printable: key)" }

    func has(_ key: String) -> Bool { !(values[folded(key)]?.isUnset ?? true) }

    /// Whether the key is written, even with nothing under it.
    func mentions(_ key: String) -> Bool { values[folded(key)].map { $0 != .null } ?? false }

    /// Keys that nobody took and that say something, in the order of the source.
    var rest: [String] {
        members.filter { !taken.contains(folded($0.key)) && !$0.value.isUnset }.map(\.key)
    }

    var keys: [String] { members.map(\.key) }

    /// nil: not there, or `null`.
    mutating func take(_ key: String) -> JSONNode? {
        taken.insert(folded(key))
        guard let value = values[folded(key)], value != .null else { return nil }
        return value
    }

    mutating func text(_ key: String) throws(ImportError) -> String? {
        guard let value = take(key) else { return nil }
        guard case .text(let text) = value else { throw wrong(key, "text", value) }
        return text
    }

    mutating func flag(_ key: String, default standard: Bool = false) throws(ImportError) -> Bool {
        guard let value = take(key) else { return standard }
        guard case .flag(let flag) = value else { throw wrong(key, "`true` or `false`", value) }
        return flag
    }

    /// A list of texts, or one text with commas between them; without empty ones and repeats.
    mutating func texts(_ key: String) throws(ImportError) -> [String] {
        var found: [String] = []
        switch take(key) {
        case nil: return []
        case .text(let text)?: found = text.split(separator: ",").map(String.init)
        case .list(let members)?:
            for member in members {
                guard case .text(let text) = member else { throw wrong(key, "a list of texts", member) }
                found.append(text)
            }
        case let value?: throw wrong(key, "a list of texts", value)
        }
        return found.map(\.trimmed).filter { !$0.isEmpty }.withoutRepeats
    }

    mutating func object(_ key: String) throws(ImportError) -> SourceObject? {
        guard let value = take(key) else { return nil }
        return try SourceObject(value, path: place(key))
    }

    mutating func objects(_ key: String) throws(ImportError) -> [SourceObject] {
        guard let value = take(key) else { return [] }
        guard case .list(let members) = value else { throw wrong(key, "a list", value) }
        var objects: [SourceObject] = []
        for (index, member) in members.enumerated() {
            objects.append(try SourceObject(member, path: "\(place(key))[\(index)]"))
        }
        return objects
    }

    /// Texts by name, in the order of the source. Numbers and flags count as the text they are written as.
    mutating func pairs(_ key: String) throws(ImportError) -> [(name: String, value: String)] {
        guard let value = take(key) else { return [] }
        guard case .object(let members) = value else { throw wrong(key, "an object", value) }
        var pairs: [(String, String)] = []
        for member in members {
            switch member.value {
            case .text(let text), .number(let text): pairs.append((member.key, text))
            case .flag(let flag): pairs.append((member.key, "\(flag)"))
            case .null: pairs.append((member.key, ""))
            case let value: throw wrong(key + "." + member.key, "text", value)
            }
        }
        return pairs
    }

    /// Seconds as a number, or a duration as Go writes it: `1h30m`, `24h0m0s`. Parts of a second are cut off.
    mutating func duration(_ key: String) throws(ImportError) -> Duration? {
        switch take(key) {
        case nil: return nil
        case .number(let text)?, .text(let text)?:
            guard let duration = GoDuration.parse(text.trimmed) else {
                throw .invalidValue(path: place(key), value: text, expected: "a duration such as `3600` or `1h30m`")
            }
            return duration
        case let value?: throw wrong(key, "a duration", value)
        }
    }

    func wrong(_ key: String, _ expected: String, _ value: JSONNode) -> ImportError {
        .wrongType(path: place(key), expected: expected, found: value.kindName)
    }
}

extension String {
    /// Without the spaces around it.
    var trimmed: String {
        func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }
        let tail = unicodeScalars.drop(while: isSpace)
        let end = tail.lastIndex { !isSpace($0) }
        return end.map { String(tail[...$0]) } ?? ""
    }
}

extension [String] {
    /// Each once, at its first place.
    var withoutRepeats: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
