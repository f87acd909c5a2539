// SPDX-License-Identifier: Apache-2.0

import Policies
package import StrictYAML
import Synchronization

/// Groups of a provider's people from a file of this installation, for providers that say none. One version of the file.
///
/// ```yaml
/// groups:
///   sre: [ana@example.com, bo@example.com]
/// ```
package struct ProviderGroups: Sendable {
    private let groups: [String: Set<String>]

    /// Empty for a person the file does not name.
    func groups(of user: String) -> Set<String> { groups[user] ?? [] }

    /// Strict, as the user file: what is unknown, or not this provider's to assert, refuses the whole file.
    /// - Parameter name: what messages call the file.
    package init(parsing bytes: [UInt8], file name: String, of provider: ProviderDeclaration) throws(YAMLErrors) {
        var reader = ProviderGroupsReader(provider: provider)
        groups = reader.read(bytes, name)
        guard reader.problems.isEmpty else { throw reader.problems.sorted }
    }
}

private struct ProviderGroupsReader: YAMLReading {
    let provider: ProviderDeclaration
    var problems = YAMLProblems()

    private static let maximumBytes = 4 << 20

    init(provider: ProviderDeclaration) {
        self.provider = provider
    }

    /// By user.
    mutating func read(_ bytes: [UInt8], _ name: String) -> [String: Set<String>] {
        guard let root = YAMLNode.parse(bytes, file: name, limit: Self.maximumBytes, &problems),
            let fields = fields(root, "the group file", known: ["groups"])
        else { return [:] }
        guard let list = fields["groups"] else {
            if problems.isEmpty { problems.add(root.position, "`groups` is missing") }
            return [:]
        }
        // Nobody is in any: that must be sayable when the last one goes.
        if case .mapping(let entries) = list.value, entries.isEmpty { return [:] }
        var groups: [String: Set<String>] = [:]
        for entry in entries(list, "`groups`") ?? [] {
            if !ProviderDeclaration.isGroup(entry.key) || provider.people?.mayAssert(entry.key) != true {
                problems.add(
                    entry.keyPosition,
                    "`\(printable: entry.key)` is not among the `groups` of provider `\(provider.name)` in `mayfly.yaml`")
            }
            for member in texts(entry.value, "`\(entry.key)`") {
                let user = member.text.lowercased()
                guard LocalUser.isValidName(member.text), provider.people?.owns(user) == true else {
                    problems.add(
                        member.position,
                        "`\(printable: member.text)` is nobody provider `\(provider.name)` may assert: see its `domains` in `mayfly.yaml`"
                    )
                    continue
                }
                groups[user, default: []].insert(entry.key)
                if groups[user, default: []].count == ProviderDeclaration.groupLimit + 1 {
                    problems.add(
                        member.position, "`\(member.text)` is in more than \(ProviderDeclaration.groupLimit) groups")
                }
            }
        }
        return groups
    }
}

/// The group file of a provider that is live. As with the user file, groups are as fresh as the file, at every request.
package final class ProviderGroupDirectory: Sendable {
    private let live: Mutex<ProviderGroups>

    package init(_ groups: ProviderGroups) {
        live = Mutex(groups)
    }

    package func replace(with groups: ProviderGroups) {
        live.withLock { $0 = groups }
    }

    func groups(of user: String) -> Set<String> { live.withLock { $0.groups(of: user) } }
}
