// SPDX-License-Identifier: Apache-2.0
import Policies

extension PolicySet {
    /// For whoever named the directory: messages call the files by the path that leads to them. What a server says to others calls
    /// them by the folder alone.
    static func load(inDirectory path: String) throws -> PolicySet {
        try load(PolicyDirectory(path: path).files().map { $0.located(in: path) })
    }
}

extension PolicyFile {
    func located(in directory: String) -> PolicyFile {
        let folder = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        let file = name.split(separator: "/").last.map(String.init) ?? name
        return PolicyFile(name: "\(folder)/\(file)", bytes: bytes, digestName: digestName)
    }
}
