// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials

struct HostSyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Keep this host up to date: its certificate, the CA keys, the revocation list of sshd, the open sessions.",
        discussion: """
            SSH sessions end when their certificate is revoked, and at its expiry where their role says so. \
            `mayfly host end-sessions` is for hosts that are not enrolled.

            EXAMPLE:
              mayfly host sync --once
            """)

    @Flag(help: "Once, instead of for as long as the host runs.")
    var once = false

    @OptionGroup var log: SSHDLogOptions
    @OptionGroup var options: HostOptions

    func run() async throws {
        let paths = try options.paths()
        let state = try HostState(paths)
        try await APIClient.connected(
            to: try ServerAddress(state.url), serviceCA: try AtomicFile.readText(paths.serviceCA), session: nil
        ) { client in
            let sync = try HostSync(
                paths: paths, files: DurableFiles(), state: state, client: client, sshd: options.daemon(paths), now: { Date() })
            let sessions = SessionWatch(paths: paths, files: DurableFiles(), log: log.record)
            let loop = HostSyncLoop(sync, sessions: sessions) { Console.note($0) }
            if once { try await loop.once() } else { try await loop.run() }
        }
    }
}
