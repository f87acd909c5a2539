// SPDX-License-Identifier: Apache-2.0

import StrictJSON
import StrictYAML

/// Reads the JSON of a source.
enum JSONReader {
    /// More than any of the formats needs.
    private static let maximumDepth = 32

    static func read(_ bytes: [UInt8]) throws(ImportError) -> JSONNode {
        guard bytes.count <= PolicyImporter.maximumBytes else { throw .tooLarge(limit: PolicyImporter.maximumBytes) }
        do throws(JSONProblem) {
            return try JSONNode.parse(bytes, maximumDepth: maximumDepth)
        } catch {
            switch error {
            case .notUTF8: throw .notUTF8
            case .malformed(let path, let line, let problem): throw .malformed(path: text(path), line: line, problem: problem)
            case .tooDeep(let path, let limit): throw .tooDeep(path: text(path), limit: limit)
            case .duplicateKey(let path, _): throw .duplicateKey(path: text(path))
            }
        }
    }

    /// `authority.provisioners[0].name`.
    private static func text(_ path: JSONPath) -> String {
        path.enumerated().map { position, step in
            switch step {
            case .key(let key): (position == 0 ? "" : ".") + "\(printable: key)"
            case .index(let index): "[\(index)]"
            }
        }.joined()
    }
}
