// SPDX-License-Identifier: Apache-2.0

/// The situations that a search still looks at: a cube from which values were taken out.
struct Region {
    /// How many values each attribute has; every attribute is there.
    private let sizes: [Attribute: Int]
    private var allowed: [Attribute: Set<Int>] = [:]
    /// For sets: each of these must have a member in the set.
    private var demanded: [Attribute: [Set<Int>]] = [:]
    private var forbidden: [Attribute: Set<Int>] = [:]

    init(_ sizes: [Attribute: Int]) { self.sizes = sizes }

    func within(_ attribute: Attribute, _ values: Set<Int>) -> Region {
        var region = self
        if attribute.isSet {
            region.demanded[attribute, default: []].append(values)
        } else {
            region.allowed[attribute] = allowedValues(attribute).intersection(values)
        }
        return region
    }

    func within(_ cube: Cube) -> Region { cube.values.reduce(self) { $0.within($1.attribute, $1.accepted) } }

    private func outside(_ attribute: Attribute, _ values: Set<Int>) -> Region {
        var region = self
        if attribute.isSet {
            region.forbidden[attribute, default: []].formUnion(values)
        } else {
            region.allowed[attribute] = allowedValues(attribute).subtracting(values)
        }
        return region
    }

    /// Regions that have no situation in common and are together all of this one that meets the obligation, but for those of
    /// `unless`, which overlap.
    func meeting(_ obligation: Obligation) -> [Region] {
        var (regions, inside) = ([Region](), self)
        for (attribute, accepted) in obligation.cube.values {
            regions.append(inside.outside(attribute, accepted))
            inside = inside.within(attribute, accepted)
        }
        return regions + obligation.unless.map { within($0) }
    }

    /// A situation of it, with as little in it as can be. nil: there is none.
    var point: Point? {
        var values: [Attribute: Set<Int>] = [:]
        for attribute in sizes.keys {
            let found: Set<Int>? =
                attribute.isSet ? smallestSet(attribute) : allowedValues(attribute).min().map { [$0] }
            guard let found else { return nil }
            values[attribute] = found
        }
        return Point(values: values)
    }

    private func allowedValues(_ attribute: Attribute) -> Set<Int> {
        allowed[attribute] ?? Set(0..<(sizes[attribute] ?? 0))
    }

    /// Known where that is possible. Each demand can be met by itself, for a set takes any number of members.
    private func smallestSet(_ attribute: Attribute) -> Set<Int>? {
        let (demands, taken) = (demanded[attribute] ?? [], forbidden[attribute] ?? [])
        var members: Set<Int> = []
        let known = demands.map { $0.subtracting(taken).subtracting([0]) }.sorted { $0.count < $1.count }
        if !known.contains(where: \.isEmpty) {
            for demand in known where members.isDisjoint(with: demand) {
                if let member = demand.min() { members.insert(member) }
            }
            return members
        }
        return !taken.contains(0) && demands.allSatisfy { $0.contains(0) } ? [0] : nil
    }
}
