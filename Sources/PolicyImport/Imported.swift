// SPDX-License-Identifier: Apache-2.0

package import Policies

/// Policies that load and whose tests pass, and the account of what they leave out.
package struct Imported: Sendable {
    /// None when nothing in the source could be carried over.
    package let files: [PolicyFile]
    /// In the order of the source.
    package let report: [ImportNote]

    package func notes(_ level: ImportNote.Level) -> [ImportNote] { report.filter { $0.level == level } }
}

extension Imported: CustomStringConvertible {
    private static let order: [ImportNote.Level] = [.needsDecision, .dropped, .narrowed, .carried]

    /// What needs a decision first, what was carried last.
    private var ordered: [ImportNote] { Self.order.flatMap(notes) }

    /// The report for a terminal.
    package var description: String {
        let counts = Self.order.map { "\(notes($0).count) \($0.rawValue)" }.joined(separator: ", ")
        return (ordered.map(\.description) + [counts]).joined(separator: "\n")
    }
}

extension Imported: Encodable {
    private enum Key: String, CodingKey { case files, report, name, text }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        var list = container.nestedUnkeyedContainer(forKey: .files)
        for file in files {
            var entry = list.nestedContainer(keyedBy: Key.self)
            try entry.encode(file.name, forKey: .name)
            try entry.encode(String(decoding: file.bytes, as: UTF8.self), forKey: .text)
        }
        try container.encode(ordered, forKey: .report)
    }
}
