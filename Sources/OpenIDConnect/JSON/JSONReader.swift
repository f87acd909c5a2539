// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// Reads JSON of a provider strictly, as `JSONNode` does, with its numbers as values.
package enum JSONReader {
    /// No token or document of a provider nests deeper than a few levels.
    private static let maximumDepth = 16

    /// - Parameter bytes: the caller has limited their number.
    package static func object(_ bytes: some Sequence<UInt8>) throws(JSONError) -> [String: JSONValue] {
        guard let object = try value(bytes).object else { throw .notAnObject }
        return object
    }

    /// - Parameter bytes: the caller has limited their number.
    package static func value(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSONValue {
        let node: JSONNode
        do throws(JSONProblem) {
            node = try JSONNode.parse(Array(bytes), maximumDepth: maximumDepth)
        } catch {
            switch error {
            case .notUTF8: throw .notUTF8
            case .malformed: throw .syntax
            case .tooDeep: throw .tooDeep
            case .duplicateKey(_, let key): throw .duplicate(key)
            }
        }
        return try JSONValue(node)
    }
}

extension JSONValue {
    fileprivate init(_ node: JSONNode) throws(JSONError) {
        switch node {
        case .null: self = .null
        case .flag(let flag): self = .bool(flag)
        case .text(let text): self = .string(text)
        case .number(let digits):
            if let integer = Int(digits) {
                self = .integer(integer)
            } else {
                guard let number = Double(digits), number.isFinite else { throw .syntax }
                self = .number(number)
            }
        case .list(let nodes):
            var elements: [JSONValue] = []
            for node in nodes { elements.append(try JSONValue(node)) }
            self = .array(elements)
        case .object(let members):
            var object: [String: JSONValue] = [:]
            for member in members { object[member.key] = try JSONValue(member.value) }
            self = .object(object)
        }
    }
}

package enum JSONError: Error, Equatable {
    case notUTF8
    case notAnObject
    case tooDeep
    case syntax
    case duplicate(String)
}
