// SPDX-License-Identifier: Apache-2.0

/// Looks for a situation that meets obligations. Exact: it finds one if there is one, unless it gives up and says so.
///
/// A situation of the region is tried; the first obligation that it does not meet splits the region into those parts that do.
struct SituationSearch {
    enum Result {
        case found(Point)
        case none
        case tooManySteps
    }

    /// Regions to look at. Real policies take some dozens.
    static let maximumSteps = 20_000

    static func point(in region: Region, meeting obligations: [Obligation]) -> Result {
        var regions = [region]
        for _ in 0..<maximumSteps {
            guard let region = regions.popLast() else { return .none }
            guard let point = region.point else { continue }
            guard let violated = obligations.first(where: { !$0.isMet(by: point) }) else { return .found(point) }
            regions += region.meeting(violated).reversed()
        }
        return .tooManySteps
    }

    /// The first cube that has such a situation.
    static func point(in cubes: [Cube], of universe: Universe, meeting obligations: [Obligation]) -> Result {
        for cube in cubes {
            switch point(in: Region(universe.sizes).within(cube), meeting: obligations) {
            case .none: continue
            case let result: return result
            }
        }
        return .none
    }
}
