// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// The Swift files of the repository, as text.
struct SourceFile {
    /// `Sources/Keys/CAKey.swift`.
    let path: String
    let lines: [String]

    /// The target, which is the folder below `Sources`.
    var target: String { String(path.split(separator: "/")[1]) }

    /// Modules that are imported, at any access level.
    var imports: [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let index = words.firstIndex(of: "import"), index <= 1, words.count > index + 1 else { return nil }
            let kinds = ["struct", "class", "enum", "func", "protocol", "typealias"]
            let name = kinds.contains(words[index + 1]) && words.count > index + 2 ? words[index + 2] : words[index + 1]
            return String(name.prefix { $0 != "." })
        }
    }

    static func all(below folder: String) throws -> [SourceFile] {
        let root = Repository.root + "/" + folder
        let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let text = try String(contentsOfFile: root + "/" + name, encoding: .utf8)
            return SourceFile(path: folder + "/" + name, lines: text.components(separatedBy: "\n"))
        }
    }
}
