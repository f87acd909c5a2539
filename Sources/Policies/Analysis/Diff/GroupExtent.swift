// SPDX-License-Identifier: Apache-2.0

/// Everything that puts somebody into one of some groups, nesting worked out.
struct GroupExtent: Hashable {
    var users: Set<String> = []
    var rotations: Set<Rotation> = []
    /// What a provider may say.
    var said: Set<String> = []

    init(_ groups: Set<String>, in definitions: [String: Group]) {
        var rest = Array(groups)
        while let name = rest.popLast() {
            guard said.insert(name).inserted, let group = definitions[name] else { continue }
            users.formUnion(group.members)
            if let rotation = group.rotation { rotations.insert(rotation) }
            rest += group.groups
        }
    }

    /// Whether nobody is in these groups who is not in those of `other`.
    func isWithin(_ other: GroupExtent) -> Bool {
        users.isSubset(of: other.users) && said.isSubset(of: other.said)
            && rotations.allSatisfy { other.rotations.contains($0) || $0.everybody.isSubset(of: other.users) }
    }
}
