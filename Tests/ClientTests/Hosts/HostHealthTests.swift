// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import Testing

@testable import Client

struct HostHealthTests {
    private static let now = Date(timeIntervalSince1970: 1_795_428_000)

    struct Case: Sendable {
        var version: UInt64? = 7
        /// Seconds ago; nil: never.
        var reported: Double? = 10
        var problem: String?
        var remaining: Double = 600
        var removed = false
        let health: HostHealth
    }

    static let cases = [
        Case(health: .upToDate),
        Case(version: 8, health: .upToDate),
        Case(version: 6, health: .behind(enforced: 6, newest: 7)),
        Case(version: nil, health: .behind(enforced: nil, newest: 7)),
        Case(reported: 900, health: .upToDate),
        Case(reported: 901, health: .silent(since: now - 901)),
        Case(reported: nil, health: .neverHeardOf),
        Case(problem: "the disk is full", health: .problem("the disk is full")),
        Case(version: 6, problem: "the disk is full", health: .behind(enforced: 6, newest: 7)),
        Case(remaining: 0, health: .certificateExpired),
        Case(remaining: 0, removed: true, health: .removed),
    ]

    @Test(arguments: cases)
    func `a host is judged by what it enforces, and by its silence`(_ sample: Case) {
        let report = HostReportDocument(
            revocationListVersion: sample.version, userCAKeys: [], zones: [], clientVersion: "test", problem: sample.problem)
        let host = HostSummary(
            name: "web1", role: "web-host", zones: [], publicKey: "", enrolledAt: Self.now, certificateSerial: "1",
            certificateIssuer: "", certificateValidBefore: Self.now + sample.remaining,
            removedAt: sample.removed ? Self.now : nil, reportedAt: sample.reported.map { Self.now - $0 },
            reportedIssuer: nil, report: sample.reported == nil ? nil : report)
        #expect(host.health(at: Self.now, newest: 7) == sample.health)
    }
}
