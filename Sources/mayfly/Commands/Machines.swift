// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

struct Machines: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the machines that enrolled for X.509 certificates, and whether they renew.",
        discussion: """
            Each with its newest certificate; those that have had none for a month are not among them. `mayfly revoke \
            --enrolment` ends one.

            EXAMPLE:
              mayfly machines --stale
            """)

    @Flag(help: "Only those that are not up to date.")
    var stale = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let found = try await server.connected { client, _ in try await client.machines() }
        let now = Date()
        let shown = found.filter { !stale || $0.health(at: now) != .upToDate }
        try output.print(shown.map { Line($0, $0.health(at: now)) }) {
            TextTable(
                header: ["ENROLMENT", "ROLE", "NAMES", "ENROLLED", "RENEWED", "CERTIFICATE UNTIL", "STATE"],
                rows: shown.map { machine in
                    [
                        machine.enrolment, machine.role, machine.names.joined(separator: ", "), machine.enrolledAt.text,
                        machine.issuedAt > machine.enrolledAt ? machine.issuedAt.text : "-", machine.validBefore.text,
                        machine.health(at: now).description,
                    ]
                }
            ).text
        }
    }

    private struct Line: Encodable {
        let machine: MachineSummary
        let state: String
        let upToDate: Bool

        init(_ machine: MachineSummary, _ health: MachineHealth) {
            self.machine = machine
            state = health.description
            upToDate = health == .upToDate
        }
    }
}
