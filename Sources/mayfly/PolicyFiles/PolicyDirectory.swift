// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Policies

/// A directory of policy files: every `*.yaml` file in it, but none in the folders below, which may hold other sets.
struct PolicyDirectory {
    let path: String

    /// Files are named after the directory, `policies/people.yaml`, wherever that lies: names are part of the set's digest.
    /// - Throws: `PolicyFilesError` when the directory cannot be read or holds no policy.
    func files() throws -> [PolicyFile] {
        guard let entries = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw Files.exists(path) && !Files.isDirectory(path) ? PolicyFilesError.notADirectory(path) : .unreadable(path)
        }
        let names = entries.filter(Self.isPolicyFile).sorted()
        guard !names.isEmpty else { throw PolicyFilesError.noPolicies(path) }
        guard names.count <= PolicyFile.maximumFiles else { throw PolicyFilesError.tooManyPolicies(path) }
        var total = 0
        return try names.map { name in
            let file = "\(path)/\(name)"
            let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
            total += size ?? 0
            guard total <= PolicyFile.maximumTotalBytes else { throw PolicyFilesError.tooManyPolicies(path) }
            guard let data = FileManager.default.contents(atPath: file) else { throw PolicyFilesError.unreadable(file) }
            return PolicyFile(name: "\(folder)/\(name)", bytes: Array(data))
        }
    }

    /// What its files are named after.
    var folder: String { URL(filePath: path).lastPathComponent }

    static func isPolicyFile(_ name: String) -> Bool {
        !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
    }
}
