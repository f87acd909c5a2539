// SPDX-License-Identifier: Apache-2.0

extension GroundedCondition {
    /// In what this condition holds and `other` does not, in words: of the rule itself, of windows and of groups that are no longer
    /// what they were.
    /// - Parameters:
    ///   - mine: the groups of the set that this one stands in.
    ///   - theirs: those of the set of the other.
    func changes(from other: GroundedCondition, _ mine: [String: Group], _ theirs: [String: Group]) -> [GainWords] {
        var changes: [GainWords] = []
        if condition.words != other.condition.words {
            changes.append(GainWords("who and when:", mine: condition.words, theirs: other.condition.words))
        }
        for window in condition.windows {
            guard let before = other.condition.windows.first(where: { $0.name == window.name }), before != window else {
                continue
            }
            changes.append(GainWords("window `\(window.name)`", mine: "\(window)", theirs: "\(before)"))
        }
        for name in (extent?.said ?? []).intersection(other.extent?.said ?? []).sorted() {
            changes += Group.changes(of: name, from: theirs[name], to: mine[name])
        }
        return changes
    }
}

extension Condition {
    /// The rule's own words, which name groups and windows.
    var words: String { (who.words { _ in [] } + placeAndTime).joined(separator: ", and ") }
}

extension Group {
    /// Who is in a group by `mine` and not by `theirs`.
    fileprivate static func changes(of name: String, from theirs: Group?, to mine: Group?) -> [GainWords] {
        var changes: [GainWords] = []
        func joining(_ mine: Set<String>, _ theirs: Set<String>, _ word: String) {
            let joined = mine.subtracting(theirs).sorted().map { word + $0.inBackticks }
            guard !joined.isEmpty else { return }
            let list = joined.firstFew
            changes.append(
                GainWords(
                    "in group \(name.inBackticks): also \(list)", "in group \(name.inBackticks): no longer \(list)"))
        }
        joining(mine?.members ?? [], theirs?.members ?? [], "")
        joining(mine?.groups ?? [], theirs?.groups ?? [], "group ")
        guard mine?.rotation != theirs?.rotation else { return changes }
        func turns(_ group: Group?) -> String { group?.rotation.map { "\($0)" } ?? "none" }
        return changes + [GainWords("turns in group \(name.inBackticks):", mine: turns(mine), theirs: turns(theirs))]
    }
}
