// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct Mayfly: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mayfly",
        abstract: "An ephemeral certificate authority: SSH and X.509 certificates that end by themselves.",
        discussion: """
            EXAMPLE:
              mayfly login https://ca.example.com --fingerprint SHA256:…
              mayfly ssh deploy@web1.example.com
            """,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Session",
                subcommands: [
                    Login.self, Logout.self, WhoAmI.self, Roles.self, Status.self, Why.self, Sessions.self, Doctor.self,
                ]),
            CommandGroup(
                name: "Certificates",
                subcommands: [
                    SSH.self, Issue.self, Certificates.self, Revoke.self, CA.self, Host.self, Hosts.self, Machines.self,
                    Token.self,
                ]),
            CommandGroup(
                name: "Access by approval",
                subcommands: [
                    Request.self, Requests.self, Approve.self, Deny.self, Extend.self, Done.self, Review.self, Access.self,
                ]),
            CommandGroup(name: "Authority", subcommands: [Init.self, Serve.self, Policy.self, Notify.self, Audit.self]),
        ])

    /// Results go to standard output, all else to standard error, and the exit status says what happened: see `Failure`.
    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Failure(error).exit()
        }
    }
}
