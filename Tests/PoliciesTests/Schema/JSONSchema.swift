// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictYAML

/// JSON, as a YAML file has it.
indirect enum JSONValue: Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(_ node: YAMLNode) {
        switch node.value {
        case .list(let members): self = .array(members.map { JSONValue($0) })
        case .mapping(let entries):
            self = .object(Dictionary(uniqueKeysWithValues: entries.map { ($0.key, JSONValue($0.value)) }))
        case .scalar(let text, isPlain: false): self = .string(text)
        case .scalar(let text, isPlain: true):
            switch YAMLNode.kind(ofPlain: text) {
            case .nothing: self = .null
            case .flag: self = .bool(["true", "yes", "on"].contains(text.lowercased()))
            case .number: self = .number(Double(text) ?? .nan)
            case .text: self = .string(text)
            }
        }
    }

    /// In YAML's flow style, which JSON is.
    var text: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .number(let number): number == number.rounded() ? "\(Int(number))" : "\(number)"
        case .string(let text): Self.quoted(text)
        case .array(let members): "[" + members.map(\.text).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { Self.quoted($0.key) + ": " + $0.value.text }.joined(separator: ", ")
                + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

extension JSONValue: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let members = try? container.decode([JSONValue].self) {
            self = .array(members)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }
}

/// The keywords of JSON Schema 2020-12 that our schema uses; any other is an error.
final class JSONSchema {
    private let root: [String: JSONValue]
    /// `definition.property` of every property that was met.
    private(set) var met: Set<String> = []

    struct Unsupported: Error {
        let keyword: String
    }

    init(_ schema: JSONValue) throws {
        guard case .object(let root) = schema else { throw Unsupported(keyword: "root") }
        self.root = root
    }

    /// `definition.property` of every property there is.
    var properties: Set<String> {
        func names(_ schema: JSONValue?, _ place: String) -> Set<String> {
            guard case .object(let members)? = schema else { return [] }
            var found: Set<String> = []
            if case .object(let properties)? = members["properties"] {
                for (name, inner) in properties {
                    found.insert("\(place).\(name)")
                    found.formUnion(names(inner, "\(place).\(name)"))
                }
            }
            for keyword in ["items", "additionalProperties"] { found.formUnion(names(members[keyword], place + "[]")) }
            return found
        }
        guard case .object(let definitions)? = root["$defs"] else { return [] }
        return definitions.reduce(into: names(.object(root), "")) { $0.formUnion(names($1.value, $1.key)) }
    }

    func accepts(_ value: JSONValue) throws -> Bool { try accepts(value, .object(root), "") }

    private func accepts(_ value: JSONValue, _ schema: JSONValue, _ place: String) throws -> Bool {
        if schema == .bool(false) { return false }
        guard case .object(let members) = schema else { throw Unsupported(keyword: "\(schema)") }
        for (keyword, argument) in members {
            guard try accepts(value, keyword, argument, members, place) else { return false }
        }
        return true
    }

    private func accepts(
        _ value: JSONValue, _ keyword: String, _ argument: JSONValue, _ schema: [String: JSONValue], _ place: String
    ) throws -> Bool {
        switch (keyword, argument) {
        case ("$schema", _), ("$id", _), ("$defs", _), ("title", _), ("description", _): return true
        case ("$ref", .string(let reference)):
            let name = String(reference.dropFirst("#/$defs/".count))
            guard case .object(let definitions)? = root["$defs"], let definition = definitions[name] else {
                throw Unsupported(keyword: reference)
            }
            return try accepts(value, definition, name)
        case ("type", .string(let type)): return try isOf(type, value)
        case ("type", .array(let types)):
            return try types.contains { if case .string(let type) = $0 { try isOf(type, value) } else { false } }
        case ("const", _): return value == argument
        case ("enum", .array(let values)): return values.contains(value)
        case ("anyOf", .array(let schemas)): return try schemas.contains { try accepts(value, $0, place) }
        case ("oneOf", .array(let schemas)): return try schemas.count { try accepts(value, $0, place) } == 1
        case ("required", .array(let names)):
            guard case .object(let members) = value else { return true }
            return names.allSatisfy { if case .string(let name) = $0 { members[name] != nil } else { false } }
        case ("dependentRequired", .object(let dependencies)):
            guard case .object(let members) = value else { return true }
            return dependencies.allSatisfy { name, needed in
                guard members[name] != nil, case .array(let needed) = needed else { return true }
                return needed.allSatisfy { if case .string(let other) = $0 { members[other] != nil } else { false } }
            }
        case ("properties", .object(let properties)):
            guard case .object(let members) = value else { return true }
            return try properties.allSatisfy { name, inner in
                guard let member = members[name] else { return true }
                met.insert("\(place).\(name)")
                return try accepts(member, inner, "\(place).\(name)")
            }
        case ("additionalProperties", let inner):
            guard case .object(let members) = value else { return true }
            var known: Set<String> = []
            if case .object(let properties)? = schema["properties"] { known = Set(properties.keys) }
            return try members.filter { !known.contains($0.key) }.allSatisfy { try accepts($0.value, inner, place + "[]") }
        case ("propertyNames", let inner):
            guard case .object(let members) = value else { return true }
            return try members.keys.allSatisfy { try accepts(.string($0), inner, place) }
        case ("items", let inner):
            guard case .array(let members) = value else { return true }
            return try members.allSatisfy { try accepts($0, inner, place + "[]") }
        case ("minItems", .number(let limit)): return Self.count(value, isArray: true).map { $0 >= limit } ?? true
        case ("maxItems", .number(let limit)): return Self.count(value, isArray: true).map { $0 <= limit } ?? true
        case ("minProperties", .number(let limit)): return Self.count(value, isArray: false).map { $0 >= limit } ?? true
        case ("minLength", .number(let limit)): return Self.length(value).map { $0 >= limit } ?? true
        case ("maxLength", .number(let limit)): return Self.length(value).map { $0 <= limit } ?? true
        case ("minimum", .number(let limit)):
            if case .number(let number) = value { return number >= limit } else { return true }
        case ("maximum", .number(let limit)):
            if case .number(let number) = value { return number <= limit } else { return true }
        case ("pattern", .string(let pattern)):
            guard case .string(let text) = value else { return true }
            return try text.contains(Regex(pattern))
        default: throw Unsupported(keyword: keyword)
        }
    }

    private func isOf(_ type: String, _ value: JSONValue) throws -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool): true
        case ("integer", .number(let number)): number == number.rounded()
        case ("object", _), ("array", _), ("string", _), ("boolean", _), ("integer", _): false
        default: throw Unsupported(keyword: "type \(type)")
        }
    }

    private static func count(_ value: JSONValue, isArray: Bool) -> Double? {
        switch value {
        case .array(let members) where isArray: Double(members.count)
        case .object(let members) where !isArray: Double(members.count)
        default: nil
        }
    }

    private static func length(_ value: JSONValue) -> Double? {
        if case .string(let text) = value { Double(text.unicodeScalars.count) } else { nil }
    }
}
