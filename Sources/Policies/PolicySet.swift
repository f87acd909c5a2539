// SPDX-License-Identifier: Apache-2.0

package import StrictYAML

/// Policies that are loaded: valid as a whole, never changed. Whether its tests pass is a question to `runTests`.
package struct PolicySet: Sendable {
    /// `sha256:` and hexadecimal digits over names and bytes of the files, whatever their order.
    package let digest: String
    let zones: [String: Zone]
    let roles: [String: Role]
    let groups: Groups
    /// As written, by name: for analysis.
    let definedGroups: [Group]
    /// In the order of their ids.
    let allows: [AllowRule]
    let denies: [DenyRule]
    let allowsByRole: [String: RuleIndex]
    let deniesByRole: [String: RuleIndex]
    let hasDeniesWithWindows: Bool
    let tests: [PolicyTest]

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
        let named = loader.allows.map(\.namedGroups) + loader.denies.map(\.namedGroups)
        groups = Groups(loader.groups.values, named: Set(named.joined()))
        definedGroups = loader.groups.values.sorted { $0.name < $1.name }
        tests = loader.tests
        allows = loader.allows.sorted { $0.reference.id < $1.reference.id }
        denies = loader.denies.sorted { $0.reference.id < $1.reference.id }
        allowsByRole = Self.byRole(allows.map { ($0.condition.who, $0.roles) })
        deniesByRole = Self.byRole(denies.map { ($0.condition.who, $0.roles) })
        hasDeniesWithWindows = denies.contains { !$0.condition.windows.isEmpty }
    }

    private static func byRole(_ rules: [(who: Who, roles: Set<String>)]) -> [String: RuleIndex] {
        var indexes: [String: RuleIndex] = [:]
        for (place, rule) in rules.enumerated() {
            for role in rule.roles { indexes[role, default: RuleIndex()].add(rule.who, at: place) }
        }
        return indexes
    }

    package var roleNames: [String] { roles.keys.sorted() }
    package var zoneNames: [String] { zones.keys.sorted() }
    /// What a role issues; empty for a role of capabilities, and for none.
    package func kinds(of role: String) -> [RequestKind] { roles[role]?.kinds ?? [] }
    /// Which of what a role issues is asked for by `details`; nil for a role of capabilities alone, and for none.
    package func kind(of role: String, asking details: [RequestDetail]) -> RequestKind? { roles[role]?.kind(asking: details) }
    package var ruleCount: Int { allows.count + denies.count }
    package var allowCount: Int { allows.count }
    package var denyCount: Int { denies.count }
    package var testCount: Int { tests.count }

    /// Rules that give something to whoever comes, by their ids.
    package var allowsForEveryone: [String] { allows.filter { $0.condition.who.isEveryone }.map(\.reference.id) }

    /// The zones a host belongs to, sorted.
    package func zones(containing host: HostName) -> [String] {
        zones.values.filter { $0.contains(host) }.map(\.name).sorted()
    }
}
