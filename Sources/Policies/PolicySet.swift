// SPDX-License-Identifier: Apache-2.0

package import StrictYAML

/// Policies that are loaded: valid as a whole, never changed. Whether its tests pass is a question to `runTests`.
package struct PolicySet: Sendable {
    /// `sha256:` and hexadecimal digits over names and bytes of the files, whatever their order.
    package let digest: String
    let zones: [String: Zone]
    let roles: [String: Role]
    let groups: Groups
    /// The rules that cover a role, in the order of their ids.
    let allowsByRole: [String: [AllowRule]]
    let deniesByRole: [String: [DenyRule]]
    let tests: [PolicyTest]
    package let ruleCount: Int

    /// - Throws: everything that is wrong with the files.
    package static func load(_ files: [PolicyFile]) throws(YAMLErrors) -> PolicySet {
        var loader = PolicyLoader()
        loader.load(files)
        guard loader.problems.isEmpty else { throw loader.problems.sorted }
        return PolicySet(loader, digest: PolicyFile.digest(of: files))
    }

    private init(_ loader: PolicyLoader, digest: String) {
        self.digest = digest
        zones = loader.zones
        roles = loader.roles
        groups = Groups(loader.groups.values)
        tests = loader.tests
        ruleCount = loader.allows.count + loader.denies.count
        var allows: [String: [AllowRule]] = [:]
        for rule in loader.allows.sorted(by: { $0.reference.id < $1.reference.id }) {
            for role in rule.roles { allows[role, default: []].append(rule) }
        }
        var denies: [String: [DenyRule]] = [:]
        for rule in loader.denies.sorted(by: { $0.reference.id < $1.reference.id }) {
            for role in rule.roles { denies[role, default: []].append(rule) }
        }
        allowsByRole = allows
        deniesByRole = denies
    }

    package var roleNames: [String] { roles.keys.sorted() }
    package var zoneNames: [String] { zones.keys.sorted() }
    package var testCount: Int { tests.count }

    /// The zones a host belongs to, sorted.
    package func zones(containing host: HostName) -> [String] {
        zones.values.filter { $0.contains(host) }.map(\.name).sorted()
    }
}
