// SPDX-License-Identifier: Apache-2.0

import Client
import FoundationEssentials
import ServiceAPI
import Testing

struct MachineHealthTests {
    /// A certificate of an hour, and the second of it at which it is looked at.
    @Test(arguments: [
        (0, false, MachineHealth.upToDate), (2999, false, .upToDate), (3001, false, .overdue), (3599, false, .overdue),
        (3600, false, .expired), (0, true, .ended), (3600, true, .ended),
    ])
    func `it is as old as its certificate`(_ second: Double, _ hasEnded: Bool, _ health: MachineHealth) {
        let issued = Date(timeIntervalSince1970: 1_795_428_000)
        let machine = MachineSummary(
            enrolment: "5f1c0e6bb0d14a3f", enrolledAt: issued, role: "web", names: [], publicKey: "k", issuer: "i", serial: "1",
            issuedAt: issued, validBefore: issued + 3600, hasEnded: hasEnded)
        #expect(machine.health(at: issued + second) == health)
    }
}
