// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials

struct HostSyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Keep this host up to date: its certificate, the CA keys and the revocation list of sshd.",
        discussion: """
            EXAMPLE:
              mayfly host sync --once
            """)

    @Flag(help: "Once, instead of for as long as the host runs.")
    var once = false

    @OptionGroup var options: HostOptions

    func run() async throws {
        let paths = try options.paths()
        let state = try HostState(paths)
        try await APIClient.connected(
            to: try ServerAddress(state.url), serviceCA: try AtomicFile.readText(paths.serviceCA), session: nil
        ) { client in
            let sync = try HostSync(paths: paths, files: DurableFiles(), state: state, client: client, now: { Date() })
            let loop = SyncLoop(sync) { Console.note($0) }
            if once { try await loop.once() } else { try await loop.run() }
        }
    }
}
