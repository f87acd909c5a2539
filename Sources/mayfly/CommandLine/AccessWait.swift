// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

/// Waits until others decide, with a line that lives as long as it lasts.
struct AccessWait {
    let client: APIClient

    /// Before the next attempt when the server cannot be reached.
    private static let pause = Duration.milliseconds(400)

    func decision(on asked: AccessView) async throws -> AccessView {
        defer { Console.endProgress() }
        var view = asked
        while view.state == "pending" {
            let left = max(0, Int((view.waitsUntil ?? Date()).timeIntervalSince(Date())))
            let done = view.steps.count { $0.isDone }
            Console.progress("\(view.id): \(done) of \(view.steps.count) steps done, waits", left: left)
            do {
                // The server answers when it is decided; a second is for the line above.
                view = try await client.access(view.id, wait: 1).access
            } catch ClientError.unreachable {
                // It may be restarting; the request lies in its store.
                try await Task.sleep(for: Self.pause)
            }
        }
        return view
    }
}
