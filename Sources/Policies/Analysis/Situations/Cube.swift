// SPDX-License-Identifier: Apache-2.0

/// What rules look at in a situation. Each has finitely many kinds of values that rules tell apart, numbered by a `Universe`.
enum Attribute: Hashable, Comparable {
    case user
    /// Rules do not ask for it; names may be made of it.
    case login
    case provider
    case mfa
    case loginAge
    case network
    case reason
    case ticket
    /// From when to when a permission is wanted.
    case span
    case groups
    case claim(String)

    /// Whether several values may be there at once: what a provider says of groups, and the members of a claim. The value 0
    /// of these is "unknown", which excludes the others.
    var isSet: Bool {
        switch self {
        case .groups, .claim: true
        default: false
        }
    }
}

/// Situations in which each attribute has one of the values named; one that is not named may have any.
struct Cube {
    private(set) var values: [(attribute: Attribute, accepted: Set<Int>)] = []

    mutating func require(_ attribute: Attribute, _ accepted: Set<Int>) { values.append((attribute, accepted)) }

    func requiring(_ attribute: Attribute, _ accepted: Set<Int>) -> Cube {
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
        values.allSatisfy { attribute, accepted in
            point.values[attribute].map { !$0.isDisjoint(with: accepted) } ?? false
        }
    }
}

/// One situation: a single value for each attribute, but any number for those that are sets.
struct Point {
    let values: [Attribute: Set<Int>]
}

/// A point must not lie in `cube`, unless it lies in one of the others.
struct Obligation {
    let cube: Cube
    var unless: [Cube] = []

    func isMet(by point: Point) -> Bool {
        !cube.contains(point) || unless.contains { $0.contains(point) }
    }
}
