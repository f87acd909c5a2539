// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import Policies
import ServiceAPI

struct Requests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what you asked for and what waits for you, newest first.",
        discussion: """
            EXAMPLE:
              mayfly requests
            """)

    @Flag(help: "Only your own.")
    var mine = false

    @Flag(help: "Also those that are over.")
    var all = false

    @Flag(help: "Only those that were approved.")
    var grants = false

    @Option(name: .shortAndLong, help: "How many at most.")
    var limit = 50

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be 1 or more") }
    }

    func run() async throws {
        let found = try await server.connected { client, _ in
            grants
                ? try await client.grants(onlyOwn: mine, onlyOpen: !all, limit: limit)
                : try await client.accessRequests(onlyOwn: mine, onlyOpen: !all, limit: limit)
        }
        try output.print(AccessList(requests: found, next: nil)) {
            TextTable(
                header: ["ID", "STATE", "WHO", "ROLE", "HOST", "FOR", "UNTIL", "REASON"],
                rows: found.map { view in
                    [
                        view.id, view.stateText, view.requester, view.role, view.host ?? "-",
                        PolicyDuration.text(.seconds(view.duration)), view.nextInstant?.text ?? "-", view.reason ?? "-",
                    ]
                }
            ).text
        }
    }
}

extension AccessView {
    /// With what is still open of it.
    var stateText: String { reviewDue == nil ? state : state + ", review due" }

    /// Until when it is what it is now.
    var nextInstant: Date? { until ?? claimBefore ?? waitsUntil ?? closed?.at }

    var text: String {
        TextTable([
            "id": id, "state": stateText, "who": requester, "role": role, "host": host,
            "logins": logins?.joined(separator: ", "), "names": names?.joined(separator: ", "),
            "for": PolicyDuration.text(.seconds(duration)), "reason": reason, "ticket": ticket,
            "approval": steps.isEmpty
                ? nil : steps.map { $0.approvers + ($0.isDone ? " (done)" : "") }.joined(separator: ", then "),
            "approved by": approvedByRule.map { "rule \($0)" }
                ?? (approvals.isEmpty ? nil : approvals.map(\.by).joined(separator: ", ")),
            "waits until": waitsUntil?.text, "starts": state == "scheduled" ? starts?.text : nil,
            "claim before": claimBefore?.text, "until": until?.text, "extends": extends,
            "review due": reviewDue?.text, "review": reviewed.map { "\($0.verdict?.rawValue ?? "") by \($0.by ?? "")" },
            "ended by": closed?.by, "because": closed?.note,
        ]).text
    }
}
