// SPDX-License-Identifier: Apache-2.0

import Foundation
import Issuance
import Synchronization

/// A clock that stands until a test moves it.
final class TestClock: WallClock {
    private let time: Mutex<Date>

    init(_ time: Date) {
        self.time = Mutex(time)
    }

    var now: Date { time.withLock { $0 } }

    func advance(_ seconds: Double) {
        time.withLock { $0 += seconds }
    }
}
