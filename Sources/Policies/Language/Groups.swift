// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// A group of the policy. What a provider says of the same name adds to it.
struct Group: Hashable, Sendable {
    let name: String
    let position: SourcePosition
    var members: Set<String> = []
    /// Whoever is in one of these is in this one; of the policy or of a provider.
    var groups: Set<String> = []
}

/// The groups of a set, found by what is in them. Only direct membership is kept: nesting worked out could be as large
/// as the square of the files.
struct Groups: Sendable {
    private var byMember: [String: Set<String>] = [:]
    private var byGroup: [String: Set<String>] = [:]
    /// Those that a rule or a group names. A provider may say hundreds of others, which decide nothing.
    private var named: Set<String>

    /// - Parameter named: every group that a rule names.
    init(_ groups: some Sequence<Group>, named: Set<String>) {
        self.named = named
        for group in groups {
            for member in group.members { byMember[member, default: []].insert(group.name) }
            for inner in group.groups { byGroup[inner, default: []].insert(group.name) }
            self.named.formUnion(group.groups)
        }
    }

    /// The named groups that certainly hold an identity, at any depth.
    func holding(_ identity: Identity) -> Set<String> {
        var found = identity.user.flatMap { byMember[$0] } ?? []
        if case .known(let said) = identity.groups {
            for group in said where named.contains(group) { found.insert(group) }
        }
        guard !byGroup.isEmpty else { return found }
        var inner = Array(found)
        while let group = inner.popLast() {
            for outer in byGroup[group] ?? [] where found.insert(outer).inserted { inner.append(outer) }
        }
        return found
    }
}
