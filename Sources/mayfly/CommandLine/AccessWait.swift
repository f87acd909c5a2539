// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

/// Waits until others decide, with a line that lives as long as it lasts.
struct AccessWait {
    let client: APIClient

    /// From the last approval to the login it takes less than a second, and this is half of it.
    private static let interval = Duration.milliseconds(400)

    func decision(on asked: AccessView) async throws -> AccessView {
        defer { Console.endProgress() }
        var view = asked
        while view.state == "pending" {
            let left = max(0, Int((view.waitsUntil ?? Date()).timeIntervalSince(Date())))
            let done = view.steps.count { $0.isDone }
            Console.progress(
                "\(view.id): \(done) of \(view.steps.count) steps done, waits \(left / 60)m\(left % 60)s more")
            try await Task.sleep(for: Self.interval)
            do {
                view = try await client.access(view.id).access
            } catch ClientError.unreachable {
                // The server may be restarting; the request lies in its store.
                continue
            }
        }
        return view
    }
}
