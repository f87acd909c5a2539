// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import ServiceAPI

struct CARotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Replace a CA key, one step at a time.",
        discussion: """
            prepare   makes a key and publishes it, so that it is trusted before it signs
            activate  lets it sign, and the one before only be trusted; refused before all enrolled hosts trust it
            retire    takes the one before away, once its last certificate has ended
            revoke    refuses a key and all that it signed

            `mayfly ca status` says what comes next. Needs the capability keys.rotate.

            EXAMPLE:
              mayfly ca rotate ssh-user prepare --reason "every year"
            """)

    @Argument(help: "ssh-user, ssh-host or issuing.")
    var purpose: CAKeyPurposeName

    @Argument(help: "prepare, activate, retire or revoke.")
    var act: CAKeyAct

    @Option(help: "Its fingerprint: for revoke, and where several could be meant.")
    var key: String?

    @Option(help: ArgumentHelp("The certificate of an issuing CA, for its prepare.", valueName: "file"))
    var certificate: String?

    @Flag(help: "Also where hosts would be locked out or certificates refused.")
    var force = false

    @Option(help: "Why.")
    var reason: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let request = CAKeyChangeRequest(
            purpose: purpose, act: act, key: key, force: force ? true : nil, reason: reason,
            certificate: try certificate.map { try AtomicFile.readText($0, limit: 65_536) })
        let status = try await server.connected { client, _ in try await client.changeCAKey(request) }
        try output.print(status) { status.text }
    }
}

extension CAKeyPurposeName: ExpressibleByArgument {}
extension CAKeyAct: ExpressibleByArgument {}
