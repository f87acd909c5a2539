// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation

@testable import AccessRequests

/// Ana asks at `start`; one lead, then two of the board must agree, unless a test says otherwise.
enum Sample {
    static let start = Date(timeIntervalSince1970: 1_795_000_000)

    static func actor(_ name: String) -> AuditEvent.Actor {
        .init(provider: "local", user: "\(name)@example.com", login: name, groups: ["staff"], claims: [:], mfa: false)
    }

    static func person(_ name: String) -> Person { Person(provider: "local", user: "\(name)@example.com") }

    static func access(counts: [Int] = [1, 2]) -> AuditEvent.Access {
        var access = AuditEvent.Access()
        access.approvers = counts.map { "\($0) of group `g`" }
        access.counts = counts
        access.wait = 1800
        access.claimWithin = 600
        access.duration = 3600
        access.rights = ["principal deploy@zone:web"]
        access.restrictions = []
        return access
    }

    static func document(_ access: AuditEvent.Access = access(), request id: String = "1") throws -> [UInt8] {
        try AuditEvent(
            time: AuditTime(start), type: .accessRequested, actor: actor("ana"),
            request: .init(id: id, role: "debug", kind: .ssh, reason: "INC-1"), policy: "sha256:00",
            decision: .init(result: .approvalNeeded, rule: "developers-ask"), access: access
        ).canonicalBytes
    }

    static func history(
        counts: [Int] = [1, 2], _ change: (inout AuditEvent.Access) -> Void = { _ in }
    ) throws -> AccessHistory {
        var access = access(counts: counts)
        change(&access)
        return AccessHistory(try AccessRequest(document: document(access)))
    }

    static func approval(
        _ name: String, steps: Set<Int> = [0], at seconds: Double = 60, duration: Int? = nil, host: String? = nil
    ) -> AccessEvent {
        let time = start + seconds
        return AccessEvent(
            time: time, by: person(name),
            what: .approved(
                Approval(by: person(name), at: time, steps: steps, duration: duration, host: host, actor: actor(name))))
    }

    static func event(_ what: AccessEvent.What, by name: String = "ana", at seconds: Double) -> AccessEvent {
        AccessEvent(time: start + seconds, by: person(name), what: what)
    }

    static func claim(at seconds: Double, for duration: Double = 3600) -> AccessEvent {
        event(.claimed(until: start + seconds + duration), at: seconds)
    }
}

extension AccessHistory {
    func applying(_ events: AccessEvent...) -> AccessHistory {
        events.reduce(into: self) { $0.apply($1) }
    }

    func status(after seconds: Double) -> AccessStatus { status(at: Sample.start + seconds) }
}
