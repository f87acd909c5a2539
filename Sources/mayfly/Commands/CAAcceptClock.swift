// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Issuance
import Storage

struct CAAcceptClock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-clock",
        abstract: "Issue again after a clock that ran ahead was set right. On the CA's machine.",
        discussion: """
            Says what stands in the way; with --last-event it puts on record that the event is of a wrong clock, ends all \
            sessions, and revokes what was issued by that clock. Restart the service then.

            EXAMPLE:
              mayfly ca accept-clock --dir ca
            """)

    @Option(help: ArgumentHelp("The CA directory.", valueName: "directory"))
    var dir = "ca"

    @Option(help: ArgumentHelp("The time of the last event, as this command shows it.", valueName: "time"))
    var lastEvent: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let directory = CADirectory(path: dir)
        guard directory.isInitialized else { throw ServerError.notInitialized(dir) }
        let clock = SystemClock()
        let recovery = ClockRecovery(store: try await SQLStore.sqlite(path: directory.database), clock: clock)
        guard let obstacle = try await recovery.obstacle() else {
            try output.print(Result()) { "the clock is not behind the last event: there is nothing to accept\n" }
            return
        }
        guard lastEvent == obstacle.text else {
            throw ServerError.clockNotAccepted(now: clock.now.text, lastEvent: obstacle.text, named: lastEvent, directory: dir)
        }
        let outcome = try await recovery.accept(lastEvent: obstacle, by: ProcessInfo.processInfo.userName)
        try output.print(Result(outcome)) { "accepted: the log goes on at \(outcome.to.text) after \(outcome.from.text)\n" }
        Console.note("all sessions have ended; \(outcome.revoked) certificates of the wrong clock are revoked")
        Console.note("hint: restart the service: its own certificate is of the wrong clock, too")
    }

    private struct Result: Encodable {
        var accepted = false
        var from: Date?
        var to: Date?
        var revoked: Int?

        init() {}

        init(_ outcome: ClockRecovery.Outcome) {
            accepted = true
            (from, to, revoked) = (outcome.from, outcome.to, outcome.revoked)
        }
    }
}
