// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestFleet
import TestSupport
import Testing

/// A fleet of hosts that wait for lists: one revocation reaches them all.
@Suite(.timeLimit(.minutes(10)))
struct FleetTests {
    @Test func `twenty hosts behind one address enforce a revocation, and the next one`() async throws {
        try await Lab.open(policy: SimulatedFleet.policy) { lab in
            let fleet = try await SimulatedFleet(20, of: lab.ca)
            try await fleet.running {
                try await fleet.waitUntilUpToDate(at: lab.ca)
                for _ in 1...2 {
                    let revocation = try await FleetRevocation(at: lab.ca, of: fleet)
                    #expect(revocation.result.status == 0, "\(revocation.result.stdout)\(revocation.result.stderr)")
                    #expect(revocation.reply.complete)
                    let list = try #require(revocation.reply.list)
                    #expect(list.hosts == 20 && list.enforcing == 20)
                    #expect(fleet.installations(of: list.version).count == 20)
                    for host in fleet.hosts {
                        let read = try await run("ssh-keygen", ["-Q", "-l", "-f", host.revocationList]).checked()
                        #expect(read.stdout.contains("version \(list.version)"), "\(read.stdout)")
                    }
                }
            }
        }
    }
}
