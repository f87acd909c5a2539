// SPDX-License-Identifier: Apache-2.0

/// Lets a few tests at a time start servers: all of them at once, on two cores, would wait for each other until they gave up.
actor Turns {
    static let servers = Turns(3)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) {
        free = count
    }

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

/// Runs `body` once it is this test's turn to start servers.
func inTurn<Result>(_ body: () async throws -> Result) async throws -> Result {
    await Turns.servers.take()
    do {
        let result = try await body()
        await Turns.servers.giveBack()
        return result
    } catch {
        await Turns.servers.giveBack()
        throw error
    }
}
