// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicyLoader {
    mutating func readGroups(_ node: YAMLNode) {
        for entry in entries(node, "`groups`") ?? [] {
            let what = "group `\(printable: entry.key)`"
            let known = ["members", "groups", "rotation"]
            guard define("group", entry.key, at: entry.keyPosition), let fields = fields(entry.value, what, known: known)
            else { continue }
            if known.allSatisfy({ fields[$0] == nil }) {
                problems.add(fields.position, "\(what) needs `members`, `groups` or `rotation`")
            }
            var group = Group(name: entry.key, position: entry.keyPosition)
            group.members = Set(fields["members"].map { members($0) } ?? [])
            group.groups = Set(fields["groups"].map { groupNames($0) } ?? [])
            group.rotation = fields["rotation"].flatMap { rotation($0) }
            groups[entry.key] = group
        }
    }

    mutating func members(_ node: YAMLNode) -> [String] {
        texts(node, "`members`").compactMap { member($0) }
    }

    mutating func member(_ found: Located) -> String? {
        if Names.isDirectoryName(found.text) { return found.text }
        problems.add(found.position, "`\(found.text)` is not a user; members are listed one by one")
        return nil
    }

    /// Whoever is in one group of a circle would be in all of them. Without recursion, so that no file is too deep.
    mutating func refuseGroupCircles() {
        var done: Set<String> = []
        for start in groups.keys.sorted() {
            var path: [String] = []
            var places: [String: Int] = [:]
            var open: [[String]] = [[start]]
            while let next = open.last {
                guard let name = next.last else {
                    open.removeLast()
                    guard let left = path.popLast() else { continue }
                    places[left] = nil
                    done.insert(left)
                    continue
                }
                open[open.count - 1].removeLast()
                if let place = places[name] {
                    refuseCircle(path[place...])
                } else if let group = groups[name], !done.contains(name) {
                    places[name] = path.count
                    path.append(name)
                    open.append(group.groups.sorted(by: >))
                }
            }
        }
    }

    private mutating func refuseCircle(_ circle: ArraySlice<String>) {
        guard let first = circle.first, let position = groups[first]?.position else { return }
        let shown = circle.count > 8 ? Array(circle.prefix(4)) + ["…"] + circle.suffix(3) : Array(circle)
        problems.add(
            position, "group `\(first)` is in itself: " + (shown + [first]).map { "`\($0)`" }.joined(separator: " has "))
    }
}
