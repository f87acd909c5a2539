// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Policies

/// Reads a policy directory: every `*.yaml` file in it, but none in the folders below, which may hold other sets.
enum PolicyFiles {
    /// Files are named after the directory, `policies/people.yaml`, wherever that lies: names are part of the set's digest.
    /// - Throws: `ServerError` when the directory cannot be read or holds no policy.
    static func read(_ directory: String) throws -> [PolicyFile] {
        guard let entries = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw ServerError.unreadable(directory)
        }
        let names = entries.filter { !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }.sorted()
        guard !names.isEmpty else { throw ServerError.noPolicies(directory) }
        guard names.count <= PolicyFile.maximumFiles else { throw ServerError.tooManyPolicies(directory) }
        let folder = URL(filePath: directory).lastPathComponent
        var total = 0
        return try names.map { name in
            let path = "\(directory)/\(name)"
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            total += size ?? 0
            guard total <= PolicyFile.maximumTotalBytes else { throw ServerError.tooManyPolicies(directory) }
            guard let data = FileManager.default.contents(atPath: path) else { throw ServerError.unreadable(path) }
            return PolicyFile(name: "\(folder)/\(name)", bytes: Array(data))
        }
    }

    /// Loads the set in `directory` and runs its tests.
    /// - Throws: `YAMLErrors` with everything that is wrong, or `ServerError.policyTestsFailed`.
    static func load(_ directory: String) throws -> PolicySet {
        let set = try PolicySet.load(try read(directory))
        let failures = set.runTests().filter { !$0.passed }
        guard failures.isEmpty else { throw ServerError.policyTestsFailed(failures.map(\.description)) }
        return set
    }
}
