// SPDX-License-Identifier: Apache-2.0

/// Hosts of one right that the patterns of others tell apart from its other hosts, and the ways to these.
struct HostKind {
    /// One of them; nil: they are all the hosts of the right.
    let host: String?
    let ways: [RightWay]
    /// Why these may not be all the ways.
    var problem: Incomparable?
}

extension RightWay {
    /// Every host of this right is of exactly one of these kinds.
    /// - Parameter others: ways to the same, whatever their hosts.
    func kinds(among others: [RightWay]) -> [HostKind] {
        guard let hosts = atom.hosts else { return [HostKind(host: nil, ways: others)] }
        let patterns = Set(others.compactMap(\.atom.hosts))
        func ways(to matching: Set<HostPattern>) -> [RightWay] {
            others.filter { $0.atom.hosts.map { matching.contains($0) } ?? false }
        }
        guard let kinds = hosts.kinds(toldApartBy: patterns) else {
            // At least those that have all of its hosts.
            return [
                HostKind(
                    host: nil, ways: ways(to: patterns.filter { hosts.isWithin($0) }),
                    problem: Incomparable(reason: "the patterns of hosts are too many or too large"))
            ]
        }
        return kinds.map { HostKind(host: kinds.count == 1 ? nil : $0.example, ways: ways(to: $0.patterns)) }
    }
}
