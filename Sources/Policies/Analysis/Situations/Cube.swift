// SPDX-License-Identifier: Apache-2.0

/// What rules look at in a situation. Each has finitely many kinds of values that rules tell apart, numbered by a `Universe`.
struct Attribute {
    let index: Int

    static let user = Attribute(index: 0)
    /// Rules do not ask for it; names may be made of it.
    static let login = Attribute(index: 1)
    static let provider = Attribute(index: 2)
    static let mfa = Attribute(index: 3)
    static let loginAge = Attribute(index: 4)
    static let network = Attribute(index: 5)
    static let reason = Attribute(index: 6)
    static let ticket = Attribute(index: 7)
    /// From when to when a permission is wanted.
    static let span = Attribute(index: 8)
    static let groups = Attribute(index: 9)
    /// Of a universe, by their place there.
    static func claim(_ place: Int) -> Attribute { Attribute(index: groups.index + 1 + place) }

    /// Whether several values may be there at once: what a provider says of groups, and the members of a claim. The value 0
    /// of these is "unknown", which excludes the others.
    var isSet: Bool { index >= Self.groups.index }
}

/// Situations in which each attribute has one of the values named; one that is not named may have any.
struct Cube {
    private(set) var values: [(attribute: Attribute, accepted: ValueSet)] = []

    mutating func require(_ attribute: Attribute, _ accepted: ValueSet) { values.append((attribute, accepted)) }

    func requiring(_ attribute: Attribute, _ accepted: ValueSet) -> Cube {
        var cube = self
        cube.require(attribute, accepted)
        return cube
    }

    /// Situations that lie in both.
    func within(_ other: Cube) -> Cube {
        var cube = self
        cube.values += other.values
        return cube
    }

    func contains(_ point: Point) -> Bool {
        for (attribute, accepted) in values where !point[attribute].contains(where: accepted.contains) { return false }
        return true
    }
}

/// One situation: a single value for each attribute, but any number for those that are sets.
struct Point {
    /// By index of the attribute.
    let values: [[Int]]

    subscript(attribute: Attribute) -> [Int] { values[attribute.index] }
}

/// A point must not lie in `cube`, unless it lies in one of the others.
struct Obligation {
    let cube: Cube
    var unless: [Cube] = []

    func isMet(by point: Point) -> Bool {
        !cube.contains(point) || unless.contains { $0.contains(point) }
    }
}
