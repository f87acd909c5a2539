// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

struct Hosts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the hosts that look after themselves, and which revocation list each enforces.",
        discussion: """
            With --lists: how far each of the last revocation lists has come, and where it has not, when the certificates end \
            by themselves. With --sessions: the SSH sessions that hosts ended, and those they could not.

            EXAMPLE:
              mayfly hosts --stale
            """)

    @Flag(help: "Only those that are not up to date.")
    var stale = false

    @Flag(help: "The revocation lists, instead of the hosts.")
    var lists = false

    @Flag(help: "The SSH sessions that were ended or should have been, instead of the hosts.")
    var sessions = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [stale, lists, sessions].count(where: \.self) <= 1 else {
            throw ValidationError("--stale, --lists and --sessions go one by one")
        }
    }

    func run() async throws {
        if lists { return try await showLists() }
        if sessions { return try await showSessions() }
        let (found, published) = try await server.connected { client, _ in
            // Where the server has no list at the moment, the newest that a host enforces is what the others are held to.
            (try await client.hosts(), try? await client.revocationList(after: nil, wait: 0)?.version)
        }
        let now = Date()
        let newest = (found.compactMap(\.report?.revocationListVersion) + (published.map { [$0] } ?? [])).max()
        let shown = found.filter { !stale || $0.health(at: now, newest: newest) != .upToDate }
        try output.print(shown.map { Line($0, $0.health(at: now, newest: newest)) }) {
            TextTable(
                header: ["HOST", "ROLE", "ZONES", "CERTIFICATE UNTIL", "LIST", "SESSIONS", "REPORTED", "STATE"],
                rows: shown.map { host in
                    [
                        host.name, host.role, host.zones.joined(separator: ", "), host.certificateValidBefore.text,
                        host.report?.revocationListVersion.map(String.init) ?? "-", host.sessionsText,
                        host.reportedAt?.text ?? "never",
                        host.health(at: now, newest: newest).description,
                    ]
                }
            ).text
        }
    }

    private func showLists() async throws {
        let lists = try await server.connected { client, _ in try await client.enforcement().lists }
        try output.print(lists) {
            TextTable(
                header: ["LIST", "MADE", "NEWLY REVOKED", "ENFORCED BY", "STALE", "EXPOSED UNTIL"],
                rows: lists.map { list in
                    let named =
                        list.stale.prefix(3).map { TerminalText.word($0.host) }
                        + (list.staleCount > 3 ? ["and \(list.staleCount - 3) more"] : [])
                    return [
                        "\(list.version)", list.madeAt.text, "\(list.certificates)", "\(list.enforcing) of \(list.hosts)",
                        named.isEmpty ? "-" : named.joined(separator: ", "), list.exposedUntil?.text ?? "-",
                    ]
                }
            ).text
        }
    }

    private func showSessions() async throws {
        let sessions = try await server.connected { client, _ in try await client.hostSessions(onlyOpen: false) }
        try output.print(sessions) { sessions.table.text }
    }

    private struct Line: Encodable {
        let host: HostSummary
        let state: String
        let upToDate: Bool

        init(_ host: HostSummary, _ health: HostHealth) {
            self.host = host
            state = health.description
            upToDate = health == .upToDate
        }
    }
}

extension HostSummary {
    /// What it did with open SSH sessions.
    fileprivate var sessionsText: String {
        guard report?.sessionsListVersion != nil else { return "not watched" }
        return "\(endedSessions) ended" + (openSessions > 0 ? ", \(openSessions) OPEN" : "")
    }
}
