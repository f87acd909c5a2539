// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// Why nothing could be imported. What can be read but not carried over is an `ImportNote` instead.
package enum ImportError: Error, Hashable, Sendable {
    case tooLarge(limit: Int)  // bytes
    case notUTF8
    /// `path` is where reading stopped: `authority.provisioners[0]`.
    case malformed(path: String, line: Int, problem: String)
    case tooDeep(path: String, limit: Int)
    case duplicateKey(path: String)
    case wrongType(path: String, expected: String, found: String)
    case missing(path: String)
    case invalidValue(path: String, value: String, expected: String)
    /// One role without the name it has in the source.
    case namelessRole
    case invalidZone(String)
    case resultTooLarge(limit: Int)  // bytes
    /// The files that were written do not load, or their tests fail: a defect of the importer, and nothing is returned.
    case unusableResult([String])
}

extension ImportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge(let limit): "the source is larger than \(limit >> 20) MiB"
        case .notUTF8: "the source is not UTF-8"
        case .malformed(let path, let line, let problem): "not valid JSON at \(Self.place(path)), line \(line): \(problem)"
        case .tooDeep(let path, let limit): "\(Self.place(path)) is nested deeper than \(limit) levels"
        case .duplicateKey(let path):
            "\(Self.place(path)) is written more than once, if only in another case; which of them counts is a guess"
        case .wrongType(let path, let expected, let found): "\(Self.place(path)) must be \(expected), not \(found)"
        case .missing(let path): "\(Self.place(path)) is missing"
        case .invalidValue(let path, let value, let expected):
            "`\(printable: value)` at \(Self.place(path)) is not \(expected)"
        case .namelessRole: "the source holds one role without its name; say what it is called"
        case .invalidZone(let text):
            "`\(printable: text)` cannot be used for a zone; expected a name of lower-case letters, digits, `-`, `_` and `.`, "
                + "and hosts such as `web*.example.com`"
        case .resultTooLarge(let limit): "the policies would be larger than \(limit >> 10) KiB; import the source in parts"
        case .unusableResult(let problems):
            "the policies that were written are not usable: " + problems.prefix(3).joined(separator: "; ")
        }
    }

    private static func place(_ path: String) -> String { path.isEmpty ? "the top level" : "`\(printable: path)`" }
}
