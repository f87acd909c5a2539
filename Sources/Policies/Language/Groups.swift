// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// A group of the policy. What a provider says of the same name adds to it.
struct Group: Hashable, Sendable {
    let name: String
    let position: SourcePosition
    var members: Set<String> = []
    /// Whoever is in one of these is in this one; of the policy or of a provider.
    var groups: Set<String> = []
    /// Whose turn it is, is in this one.
    var rotation: Rotation?
}

/// A rotation that one person has turns in, and the groups that a turn brings, at any depth.
struct Turns: Sendable {
    let rotation: Rotation
    let groups: Set<String>
}

/// The groups of a set, found by what is in them. Only direct membership is kept: nesting worked out could be as large
/// as the square of the files.
struct Groups: Sendable {
    private var byMember: [String: Set<String>] = [:]
    private var byGroup: [String: Set<String>] = [:]
    /// Those that a rule or a group names. A provider may say hundreds of others, which decide nothing.
    private var named: Set<String>
    /// By everybody who has a turn in them some day.
    private var rotating: [String: [(group: String, rotation: Rotation)]] = [:]

    /// - Parameter named: every group that a rule names.
    init(_ groups: some Sequence<Group>, named: Set<String>) {
        self.named = named
        for group in groups {
            for member in group.members { byMember[member, default: []].insert(group.name) }
            for inner in group.groups { byGroup[inner, default: []].insert(group.name) }
            self.named.formUnion(group.groups)
            guard let rotation = group.rotation else { continue }
            for member in rotation.everybody { rotating[member, default: []].append((group.name, rotation)) }
        }
    }

    /// The same, with further groups that decide something.
    func naming(_ others: Set<String>) -> Groups {
        guard !others.isSubset(of: named) else { return self }
        var groups = self
        groups.named.formUnion(others)
        return groups
    }

    /// The named groups that certainly hold an identity at an instant, at any depth.
    func holding(_ identity: Identity, at second: Int) -> Set<String> {
        var found = identity.user.flatMap { byMember[$0] } ?? []
        if let user = identity.user, let rotating = rotating[user] {
            for (group, rotation) in rotating where rotation.members(at: second).contains(user) { found.insert(group) }
        }
        if case .known(let said) = identity.groups {
            for group in said where named.contains(group) { found.insert(group) }
        }
        addOuter(to: &found)
        return found
    }

    /// The rotations that an identity has turns in.
    func turns(of identity: Identity) -> [Turns] {
        guard let user = identity.user, let rotating = rotating[user] else { return [] }
        return rotating.map { group, rotation in
            var found: Set<String> = [group]
            addOuter(to: &found)
            return Turns(rotation: rotation, groups: found)
        }
    }

    private func addOuter(to found: inout Set<String>) {
        guard !byGroup.isEmpty else { return }
        var inner = Array(found)
        while let group = inner.popLast() {
            for outer in byGroup[group] ?? [] where found.insert(outer).inserted { inner.append(outer) }
        }
    }
}
