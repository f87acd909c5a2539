// SPDX-License-Identifier: Apache-2.0

/// A JSON value as it is written: objects keep their order, numbers their digits, and no object has a key twice.
package enum JSONNode: Hashable, Sendable {
    case null
    case flag(Bool)
    case number(String)
    case text(String)
    case list([JSONNode])
    case object([Member])

    package struct Member: Hashable, Sendable {
        package let key: String
        package let value: JSONNode
    }

    /// - Parameters:
    ///   - bytes: the caller has limited their number.
    ///   - maximumDepth: of lists and objects within each other.
    package static func parse(_ bytes: [UInt8], maximumDepth: Int) throws(JSONProblem) -> JSONNode {
        try JSONReader.read(bytes, maximumDepth: maximumDepth)
    }
}

/// Where in a document: the keys and indices that lead there, from the top.
package typealias JSONPath = [JSONStep]

package enum JSONStep: Hashable, Sendable {
    case key(String)
    case index(Int)
}

package enum JSONProblem: Error, Hashable, Sendable {
    case notUTF8
    case malformed(JSONPath, line: Int, problem: String)
    case tooDeep(JSONPath, limit: Int)
    /// The path ends with the key.
    case duplicateKey(JSONPath, key: String)
}
