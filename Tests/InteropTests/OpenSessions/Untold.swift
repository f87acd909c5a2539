// SPDX-License-Identifier: Apache-2.0

/// Connections that no record tells of are seen by every look at the sessions of this machine: the tests that hold one, and
/// those that count what is in doubt, take turns.
actor Untold {
    static let connections = Untold()

    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func alone(_ body: @Sendable () async throws -> Void) async throws {
        if isTaken { await withCheckedContinuation { waiting.append($0) } }
        isTaken = true
        defer { if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() } }
        try await body()
    }
}
