// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials

struct HostLeave: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave", abstract: "Undo `mayfly host enroll`, also where it was interrupted.",
        discussion: """
            EXAMPLE:
              mayfly host leave
            """)

    @Flag(
        name: .customLong("no-reload"),
        help: "Do not make sshd read its configuration: it does not run, or was restarted since this was tried.")
    var noReload = false

    @OptionGroup var options: HostOptions

    func run() async throws {
        let paths = try options.paths()
        let name = (try? HostState(paths))?.name
        let hasUnit = AtomicFile.exists(paths.unit)
        let installation = HostInstallation(paths: paths, files: DurableFiles(), sshd: options.daemon(paths))
        for path in try await installation.leave(reload: !noReload) {
            Console.note("\(path) stays, because it holds files that are not of mayfly")
        }
        Console.note("everything is as it was before this host was enrolled")
        if hasUnit { Console.note("hint: systemctl disable --now \(HostPaths.unitName); systemctl daemon-reload") }
        if let name { Console.note("hint: its certificate is still valid; revoke it with `mayfly host remove \(name)`") }
    }
}
