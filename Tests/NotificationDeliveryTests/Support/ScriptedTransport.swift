// SPDX-License-Identifier: Apache-2.0

import Foundation
import NotificationDelivery
import Notifications
import Synchronization

/// Answers each attempt as the script says, and remembers what it took.
final class ScriptedTransport: Transport {
    private let taken = Mutex<[NoticeID]>([])
    private let attempts = Mutex(0)
    private let answer: @Sendable (Int) -> DeliveryProblem?

    /// - Parameter answer: to attempt number n, from 1; nil takes the notice.
    init(_ answer: @escaping @Sendable (Int) -> DeliveryProblem? = { _ in nil }) {
        self.answer = answer
    }

    var delivered: [NoticeID] { taken.withLock { $0 } }
    var count: Int { attempts.withLock { $0 } }

    func send(_ notice: Notice, at time: Date) async throws(DeliveryProblem) -> Receipt {
        let number = attempts.withLock { count in
            count += 1
            return count
        }
        if let problem = answer(number) { throw problem }
        taken.withLock { $0.append(notice.id) }
        return Receipt("taken")
    }
}
