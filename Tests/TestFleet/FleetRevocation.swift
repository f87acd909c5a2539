// SPDX-License-Identifier: Apache-2.0

import Foundation
package import TestSupport

/// One `mayfly revoke --wait` against a fleet, and when what it asked for was so.
package struct FleetRevocation: Sendable {
    package struct Reply: Decodable, Sendable {
        package struct List: Decodable, Sendable {
            package let version: UInt64
            package let hosts: Int
            package let enforcing: Int
        }

        package let complete: Bool
        package let list: List?
    }

    package let reply: Reply
    package let result: ProcessResult
    /// From the start of the command to the last host's new list in its place.
    package let installed: Duration
    /// From its start to its end: the server had heard of every host.
    package let known: Duration

    /// Issues a certificate to the administrator, and revokes it.
    package init(at ca: MayflyCA, of fleet: SimulatedFleet) async throws {
        let key = ca.directory.file("fleet-\(UInt32.random(in: .min ... .max))")
        try await MayflyCA.makeKey(key)
        struct Issued: Decodable { let serial: String }
        let issued = try JSONDecoder().decode(
            Issued.self,
            from: Data(
                try await ca.mayfly(
                    ["issue", "ssh", "--role", "shell", "--public-key", key + ".pub", "--json"]
                ).checked().outputBytes))
        let began = ContinuousClock.now
        result = try await ca.mayfly([
            "revoke", "--serial", issued.serial, "--kind", "ssh", "--reason", "laptop lost", "--wait", "--timeout", "60s",
            "--json",
        ])
        known = .now - began
        reply = try JSONDecoder().decode(Reply.self, from: Data(result.outputBytes))
        installed = fleet.installations(of: reply.list?.version ?? 0).map { $0 - began }.max() ?? .zero
    }
}

extension SimulatedFleet {
    /// Until all of them wait for the next list: what comes then is a matter of moments.
    package func waitUntilUpToDate(at ca: MayflyCA) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        struct List: Decodable { let hosts: Int, enforcing: Int }
        while ContinuousClock.now < deadline {
            let lists = try JSONDecoder().decode(
                [List].self, from: Data(try await ca.mayfly(["hosts", "--lists", "--json"]).checked().outputBytes))
            if let newest = lists.first, newest.hosts == hosts.count, newest.enforcing == newest.hosts { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw NotUpToDate()
    }

    package struct NotUpToDate: Error {}
}
