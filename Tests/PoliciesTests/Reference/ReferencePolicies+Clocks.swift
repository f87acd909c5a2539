// SPDX-License-Identifier: Apache-2.0

extension ReferencePolicies {
    /// What clocks of a zone show in 2026, and when they are changed. Times are minutes since 1970-01-01T00:00Z.
    struct Clocks {
        /// Ahead of UTC.
        let winter: Int
        let summer: Int
        /// When they are set forward, and back.
        let changes: [Int]

        private static let zones = [
            "UTC": Clocks(winter: 0, summer: 0, changes: []),
            "Europe/Berlin": Clocks(winter: 60, summer: 120, changes: [springInBerlin, autumnInBerlin]),
            "America/New_York": Clocks(winter: -300, summer: -240, changes: [springInNewYork, autumnInNewYork]),
        ]

        static let springInNewYork = 29_549_220  // 2026-03-08T07:00Z
        static let springInBerlin = 29_579_100  // 2026-03-29T01:00Z
        static let autumnInBerlin = 29_881_500  // 2026-10-25T01:00Z
        static let autumnInNewYork = 29_891_880  // 2026-11-01T06:00Z

        private func ahead(_ minute: Int) -> Int {
            changes.isEmpty || minute < changes[0] || minute >= changes[1] ? winter : summer
        }

        /// The minutes in which the clocks show that hour of that day: none, one or two.
        private func showing(_ day: Int, _ hour: Int) -> [Int] {
            let shown = day * 1440 + hour * 60
            return Set([shown - winter, shown - summer]).filter { $0 + ahead($0) == shown }.sorted()
        }

        /// An hour that is skipped is over when it would begin.
        private func whenSkipped(_ day: Int) -> Int { changes.min { abs($0 - day * 1440) < abs($1 - day * 1440) } ?? 0 }

        static func first(_ day: Int, _ hour: Int, _ zone: String) -> Int {
            zones[zone].map { $0.showing(day, hour).first ?? $0.whenSkipped(day) } ?? 0
        }

        static func last(_ day: Int, _ hour: Int, _ zone: String) -> Int {
            zones[zone].map { $0.showing(day, hour).last ?? $0.whenSkipped(day) } ?? 0
        }
    }
}
