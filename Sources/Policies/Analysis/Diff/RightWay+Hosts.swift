// SPDX-License-Identifier: Apache-2.0

extension RightWay {
    /// Every host of this right is of exactly one of these kinds.
    /// - Parameter others: ways to the same, whatever their hosts.
    func hostKinds(among others: [RightWay]) -> [RightKind] {
        guard let hosts = atom.hosts else { return [RightKind(host: nil, way: self, ways: others)] }
        let patterns = Set(others.compactMap(\.atom.hosts))
        func ways(to matching: Set<HostPattern>) -> [RightWay] {
            others.filter { $0.atom.hosts.map { matching.contains($0) } ?? false }
        }
        guard let kinds = hosts.kinds(toldApartBy: patterns) else {
            // At least those that have all of its hosts.
            return [
                RightKind(
                    host: nil, way: self, ways: ways(to: patterns.filter { hosts.isWithin($0) }),
                    problem: Incomparable(reason: "the patterns of hosts are too many or too large"))
            ]
        }
        return kinds.map {
            RightKind(host: kinds.count == 1 ? nil : $0.example, way: self, ways: ways(to: $0.patterns))
        }
    }
}
