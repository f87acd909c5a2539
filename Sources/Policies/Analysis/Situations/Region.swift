// SPDX-License-Identifier: Apache-2.0

/// The situations that a search still looks at: a cube from which values were taken out.
struct Region {
    /// How many values each attribute has.
    private let sizes: [Int]
    /// By index of the attribute. nil: all are.
    private var allowed: [ValueSet?]
    /// For sets: each of these must have a member in the set.
    private var demanded: [[ValueSet]]
    private var forbidden: [ValueSet]

    init(_ sizes: [Int]) {
        self.sizes = sizes
        allowed = sizes.map { _ in nil }
        demanded = sizes.map { _ in [] }
        forbidden = sizes.map { _ in [] }
    }

    func within(_ attribute: Attribute, _ values: ValueSet) -> Region {
        var region = self
        if attribute.isSet {
            region.demanded[attribute.index].append(values)
        } else {
            region.allowed[attribute.index] = allowed[attribute.index]?.intersection(values) ?? values
        }
        return region
    }

    func within(_ cube: Cube) -> Region { cube.values.reduce(self) { $0.within($1.attribute, $1.accepted) } }

    private func outside(_ attribute: Attribute, _ values: ValueSet) -> Region {
        var region = self
        if attribute.isSet {
            region.forbidden[attribute.index].formUnion(values)
        } else {
            let before = allowed[attribute.index] ?? ValueSet(0..<sizes[attribute.index])
            region.allowed[attribute.index] = before.subtracting(values)
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
        var values: [[Int]] = []
        for index in sizes.indices {
            guard let found = Attribute(index: index).isSet ? smallestSet(index) : firstAllowed(index).map({ [$0] }) else {
                return nil
            }
            values.append(found)
        }
        return Point(values: values)
    }

    private func firstAllowed(_ index: Int) -> Int? {
        guard let allowed = allowed[index] else { return sizes[index] > 0 ? 0 : nil }
        return allowed.first
    }

    /// Known where that is possible. Each demand can be met by itself, for a set takes any number of members.
    private func smallestSet(_ index: Int) -> [Int]? {
        let (demands, taken) = (demanded[index], forbidden[index])
        if demands.isEmpty { return [] }
        var members: [Int] = []
        let known = demands.map { $0.subtracting(taken).subtracting([0]) }
        if !known.contains(where: \.isEmpty) {
            for demand in known.sorted(by: { $0.count < $1.count }) where !members.contains(where: demand.contains) {
                if let member = demand.first { members.append(member) }
            }
            return members.sorted()
        }
        return !taken.contains(0) && demands.allSatisfy { $0.contains(0) } ? [0] : nil
    }
}
