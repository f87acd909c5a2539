// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import ServiceAPI

struct CASync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Keep the revocation lists fresh by which a TLS server checks its clients.",
        discussion: """
            For servers whose own certificate is not from this CA; `mayfly issue x509 --renew-with` does both.

            EXAMPLE:
              mayfly ca sync --crl-file crl.pem --once \\
                --reload-with "systemctl reload haproxy"
            """)

    @Option(help: ArgumentHelp("Run this after each change.", valueName: "command"))
    var reloadWith: String?

    @OptionGroup var keeping: KeepingOptions
    @OptionGroup var server: ServerOptions

    func validate() throws {
        guard keeping.crlFile != nil else { throw ValidationError("name the file with --crl-file") }
    }

    func run() async throws {
        let state = try server.state()
        guard let lists = keeping.lists(under: try state.authorities().root) else { return }
        let reload = reloadWith.map { ServerReload($0, watching: [lists.path], record: lists.reloadRecord) }
        let sync = ServerSync(
            renewal: nil, lists: lists, reload: reload, files: DurableFiles(),
            session: UnattendedSession(state, now: { Date() }, logIn: nil), now: { Date() })
        try await keeping.run(sync, writing: [])
    }
}
