// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

/// Waits until others decide: says for whom, again whenever that changes, and shows how long in a line that lives as long as it
/// lasts.
struct AccessWait {
    /// How a request stands now.
    private let look: (_ id: String) async throws -> AccessView
    /// Before the next attempt where the server could not answer.
    private let pause: Duration

    /// The server answers when it is decided; a second is for the line that says how long.
    init(client: APIClient) {
        self.init { try await client.access($0, wait: 1).access }
    }

    init(pause: Duration = .seconds(1), look: @escaping (String) async throws -> AccessView) {
        (self.pause, self.look) = (pause, look)
    }

    func decision(on asked: AccessView) async throws -> AccessView {
        defer { Console.endProgress() }
        var (view, said) = (asked, "")
        while view.state == "pending" {
            if view.waitingText() != said {
                said = view.waitingText()
                Console.endProgress()
                Console.note(said)
            }
            let left = max(0, Int((view.waitsUntil ?? Date()).timeIntervalSince(Date())))
            Console.progress(view.waitingText(Console.time(left)))
            do {
                view = try await look(view.id)
            } catch let error as ClientError where error.mayPass && left > 0 {
                // It may be restarting, or have too much to do; the request lies in its store.
                try await Task.sleep(for: pause)
            }
        }
        return view
    }
}
