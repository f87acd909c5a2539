// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import ServiceAPI

struct AuditTail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Show the newest entries, a line each.",
        discussion: """
            With --json each line is an entry as it stands in the log.

            EXAMPLE:
              mayfly audit tail -n 20 --follow
            """)

    @Option(name: .customShort("n"), help: "How many entries.")
    var count = 10

    @Flag(name: .shortAndLong, help: "Go on as the log grows.")
    var follow = false

    @OptionGroup var server: ServerOptions

    @Flag(help: "Print the entries themselves.")
    var json = false

    private static let pageSize = 100
    private static let interval = Duration.seconds(1)

    func validate() throws {
        guard count >= 0 else { throw ValidationError("-n must not be negative") }
    }

    func run() async throws {
        try await server.connected { client, _ in
            let size = try await client.auditEvents(from: 0, limit: 1).size
            var next = size - min(size, UInt64(count))
            while true {
                let page = try await client.auditEvents(from: next, limit: Self.pageSize)
                for leaf in page.leaves { Console.write(line(leaf) + "\n") }
                next += UInt64(page.leaves.count)
                guard page.leaves.isEmpty else { continue }
                guard follow else { return }
                try await Task.sleep(for: Self.interval)
            }
        }
    }

    /// An entry of a newer version is shown as it is. JSON in canonical form is one line without control characters.
    private func line(_ leaf: String) -> String {
        if json, !leaf.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return leaf }
        if let event = try? AuditEvent(canonical: Array(leaf.utf8)) { return event.summary }
        return TerminalText.text(leaf, limit: AuditEvent.maximumBytes)
    }
}
