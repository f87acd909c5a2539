// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import SSHCertificates
import Storage
import Testing

@testable import Issuance

/// From asking to the certificate and to its end.
@Suite struct GrantTests {
    @Test func `what needs approval is issued after it, and says under which grant`() async throws {
        let ca = try await TestCA.access()
        #expect(try await ca.reasons() == [])
        let id = try await ca.ask(host: "web1.example.com")
        #expect(try await ca.reasons(host: "web1.example.com") == ["`\(id)` is pending"])
        #expect(try await ca.approve(id) == .approved)
        let record = try #require(try await ca.take(host: "web1.example.com").record)
        #expect(record.grant == id)
        let certificate = try SSHCertificate(parsing: record.certificate)
        #expect(certificate.contents.keyID == "ana@example.com/shell/\(id)")
        #expect(try await ca.status(id) == .active)
        let types = try await ca.events().map(\.type)
        #expect(
            types == [
                .certificateDenied, .accessRequested, .certificateDenied, .accessApproved, .accessClaimed, .certificateIssued,
            ])
        #expect(try await ca.events().last?.access?.request == id)
    }

    @Test func `the document of a request is its leaf in the log`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask(duration: .seconds(600), reason: "INC-7")
        let leaf = try #require(try await ca.store.logLeaves(from: UInt64(Person.allCases.count), limit: 1).first)
        let request = try AccessRequest(document: leaf)
        #expect(request.id == id)
        #expect(request.duration == 600)
        #expect(request.steps == [.init(approvers: "1 of groups `admins`, `leads`", count: 1)])
        #expect(request.rights.contains("principal root@zone:web"))
        #expect(request.reason == "INC-7")
    }

    @Test func `the reason is given once, when it is asked`() async throws {
        let ca = try await TestCA.access()
        await #expect(throws: DeniedError.self) { try await ca.ask("db", reason: "because") }
        #expect(try await ca.events().last?.type == .certificateDenied)
        let id = try await ca.ask("db", reason: "INC-1")
        for person in [Person.lea, .bea, .bob] { try await ca.approve(id, by: person) }
        #expect(try await ca.take("db").record?.grant == id)
        #expect(try await ca.events().last?.request?.reason == "INC-1")
    }

    @Test func `no certificate outlives its grant, whatever lifetime is asked`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask(duration: .seconds(1800))
        try await ca.approve(id)
        let first = try #require(try await ca.take(lifetime: .seconds(3600)).record)
        let until = try #require(try await ca.history(id).claim?.until)
        #expect(until == TestCA.start + 1800)
        #expect(first.validBefore == until)
        ca.clock.advance(1500)
        let outcome = try await ca.take()
        #expect(outcome.record?.validBefore == until)
        #expect(outcome.narrowed == ["lifetime is 5m instead of 10m by the end of grant \(id)"])
        ca.clock.advance(299.8)
        #expect(try await ca.reasons() == [])
        #expect(try await ca.status(id) == .ended)
    }

    @Test func `the work clock starts at the first certificate`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask(duration: .seconds(3600))
        ca.clock.advance(1700)
        try await ca.approve(id)
        ca.clock.advance(590)
        #expect(try await ca.take().record != nil)
        ca.clock.advance(3599)
        #expect(try await ca.status(id) == .active)
    }

    @Test func `a grant that nobody claims in time gives nothing`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await ca.approve(id)
        ca.clock.advance(600)
        #expect(try await ca.status(id) == .lapsed)
        #expect(try await ca.reasons() == [])
    }

    @Test func `what begins later gives nothing before`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask(starts: TestCA.start + 3600)
        try await ca.approve(id)
        #expect(try await ca.reasons() == ["`\(id)` is scheduled"])
        ca.clock.advance(3600)
        let record = try #require(try await ca.take().record)
        #expect(record.grant == id)
        // Others begin a minute in the past, for servers whose clock is behind.
        #expect(record.validAfter == TestCA.start + 3600)
        await #expect(throws: AccessError.startInThePast) { try await ca.ask(starts: TestCA.start) }
        await #expect(throws: AccessError.startTooLate(days: 7)) { try await ca.ask(starts: TestCA.start + 8 * 86_400) }
    }

    @Test func `a grant gives what was asked for and nothing beside it`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask(host: "web1.example.com", logins: ["deploy"])
        try await ca.approve(id)
        #expect(try await ca.reasons(host: "web2.example.com") == [])
        #expect(try await ca.reasons(host: "web1.example.com", logins: ["root"]) == [])
        #expect(try await ca.reasons("client") == [])
        #expect(try await ca.reasons(by: .bo, host: "web1.example.com") == [])
        // What is left open is filled in by the grant.
        let record = try #require(try await ca.take().record)
        #expect(record.names == ["deploy@host:web1.example.com"])
        #expect(record.host == "web1.example.com")
    }

    @Test func `an approver shortens and narrows`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask(duration: .seconds(3600))
        await #expect(throws: AccessError.refused(.wider("it is for 3600 seconds"))) {
            try await ca.approve(id, duration: .seconds(3601))
        }
        try await ca.approve(id, duration: .seconds(300), host: "web2.example.com")
        let record = try #require(try await ca.take(lifetime: .seconds(3600)).record)
        #expect(record.validBefore == TestCA.start + 300)
        #expect(record.names == ["deploy@host:web2.example.com", "root@host:web2.example.com"])
    }

    @Test func `an approver narrows to nothing that the role does not reach`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        let outside = try SubjectProblem.hostOutside(HostName("nonsense.example.com"), zones: ["web"])
        await #expect(throws: AccessError.hostOutside(outside)) { try await ca.approve(id, host: "nonsense.example.com") }
        #expect(try await ca.status(id) == .pending)
        #expect(try await ca.approve(id, host: "web1.example.com") == .approved)
        let client = try await ca.ask("client")
        await #expect(throws: AccessError.noHostToNarrow) { try await ca.approve(client, host: "web1.example.com") }
    }

    /// Not that a reason is missing, which one would give in vain.
    @Test func `who names a grant hears what is wrong with it`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask("db", host: "db1.example.com", reason: "INC-1")
        func why(_ role: String = "db", host: String? = nil, logins: [String]? = nil) async throws -> String {
            do {
                _ = try await ca.take(role, host: host, logins: logins, grant: id)
            } catch AccessError.grantUnusable(let why) {
                #expect(try await ca.events().last?.decision?.reasons.contains(why) == true)
                return why
            }
            return ""
        }
        #expect(try await why() == "`\(id)` is pending")
        for person in [Person.lea, .bea, .bob] { try await ca.approve(id, by: person) }
        #expect(try await why(host: "db2.example.com") == "`\(id)` is for host `db1.example.com`")
        ca.people.put(.bob, into: [])
        let lost = "`\(id)`: the approval of `bob@example.com` no longer counts; it waits for another"
        #expect(try await why() == lost)
        ca.clock.advance(1800)
        #expect(try await why() == "`\(id)` is void")
        // Without its name it is no news, and the reason is missing.
        guard case .denied(let refusal) = try await ca.take("db") else { Issue.record("it was not denied"); return }
        #expect(refusal.grants.isEmpty && refusal.explanation.missing.isEmpty == false)
    }

    @Test func `an X.509 grant gives X.509 certificates`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask("client")
        try await ca.approve(id)
        let record = try #require(try await ca.take("client").record)
        #expect(record.grant == id)
        #expect(record.kind == .x509)
        _ = try await ca.authority.endGrant(id, by: ca.caller(.ana))
        #expect(try await ca.certificates(of: id).allSatisfy { $0.revokedAt != nil })
    }

    @Test func `a role of certificates at once needs no request`() async throws {
        let ca = try await TestCA()
        await #expect(throws: AccessError.notNeeded(rule: "engineers-work")) { try await ca.ask("backup") }
    }

    @Test func `a longer grant beside a rule that gives at once is used when it is named`() async throws {
        let ca = try await TestCA.access()
        try ca.load {
            $0.replacing(
                "  - id: ask-board",
                with: "  - {id: at-once, who: {groups: [engineers]}, roles: [shell], lifetime: {max: 1m}}\n  - id: ask-board")
        }
        let id = try await ca.ask()
        try await ca.approve(id)
        #expect(try await ca.take().record?.grant == nil)
        #expect(try await ca.take(grant: id).record?.grant == id)
        await #expect(throws: AccessError.grantUnusable("that is no grant of yours that gives this")) {
            try await ca.take(by: .bo, grant: id)
        }
        await #expect(throws: AccessError.grantUnusable("that is no grant of yours that gives this")) {
            try await ca.take(grant: "nonsense")
        }
    }

    @Test func `ended means ended, for all that it gave`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await ca.approve(id)
        for _ in 0..<3 { _ = try await ca.take() }
        await #expect(throws: AccessError.notFound(id: id)) { try await ca.authority.endGrant(id, by: ca.caller(.bo)) }
        await #expect(throws: AccessError.refused(.notTheRequester)) {
            try await ca.authority.endGrant(id, by: ca.caller(.lea))
        }
        _ = try await ca.authority.endGrant(id, by: ca.caller(.ana))
        #expect(try await ca.status(id) == .ended)
        let records = try await ca.certificates(of: id)
        #expect(records.count == 3)
        #expect(records.allSatisfy { $0.revokedAt == TestCA.start && $0.revocationReason == "grant \(id) was ended" })
        #expect(try await ca.reasons() == [])
        let events = try await ca.events().suffix(5)
        #expect(events.first?.type == .accessEnded)
        #expect(events.dropFirst().prefix(3).allSatisfy { $0.type == .certificateRevoked && $0.access?.request == id })
        await #expect(throws: AccessError.refused(.notActive(.ended))) {
            try await ca.authority.endGrant(id, by: ca.caller(.ana))
        }
    }

    @Test func `a repeated call is not answered with a certificate of a grant that was ended`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await ca.approve(id)
        let serial = try #require(try await ca.take(key: "k").record?.serial)
        _ = try await ca.authority.endGrant(id, by: ca.caller(.ana))
        await #expect(throws: AuthorityError.replyNoLongerValid(serial: serial)) { try await ca.take(key: "k") }
    }

    @Test func `grants are a union, and ending one touches no other`() async throws {
        let ca = try await TestCA.access()
        let short = try await ca.ask(duration: .seconds(600))
        let long = try await ca.ask(duration: .seconds(7200))
        try await ca.approve(short)
        try await ca.approve(long)
        // The one that lasts longest is taken, unless another is named.
        #expect(try await ca.take(grant: short).record?.grant == short)
        #expect(try await ca.take().record?.grant == long)
        _ = try await ca.authority.endGrant(short, by: ca.caller(.ana))
        #expect(try await ca.certificates(of: long).allSatisfy { $0.revokedAt == nil })
        #expect(try await ca.take().record?.grant == long)
    }

    @Test func `an approver or whoever may revoke takes a grant away`() async throws {
        let ca = try await TestCA.access()
        for person in [Person.leo, .root] {
            let id = try await ca.ask()
            try await ca.approve(id)
            _ = try await ca.take(grant: id)
            _ = try await ca.authority.denyAccess(id, note: "wrong host", by: ca.caller(person))
            #expect(try await ca.status(id) == .revoked)
            #expect(try await ca.certificates(of: id).allSatisfy { $0.revokedAt != nil })
            #expect(try await ca.reasons(grant: nil) == [])
        }
        let id = try await ca.ask()
        try await ca.approve(id)
        _ = try await ca.take()
        await #expect(throws: AccessError.notFound(id: id)) {
            try await ca.authority.revokeGrant(id, note: "mine", by: ca.caller(.bea))
        }
    }

    /// Who may revoke certificates finds the grant behind them.
    @Test func `whoever may revoke takes away what they could not approve`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask("db")
        for person in [Person.lea, .bea, .bob] { try await ca.approve(id, by: person) }
        _ = try #require(try await ca.take("db").record)
        _ = try await ca.authority.revokeGrant(id, note: "now", by: ca.caller(.root))
        #expect(try await ca.status(id) == .revoked)
        #expect(try await ca.certificates(of: id).allSatisfy { $0.revokedAt != nil })
    }

    @Test func `a grant of many certificates is used up`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await ca.approve(id)
        _ = try await ca.take()
        var entry = try CommitEntry(event: AuditEvent(time: AuditTime(ca.clock.now), type: .keyUsed))
        let summary = try await ca.authority.accessCase(id).record.summary
        entry.access = [AccessChange(summary: summary, events: [], issued: 999)]
        _ = try await ca.store.base.commit([entry])
        #expect(try await ca.reasons() == ["`\(id)`: it gave 1000 certificates already"])
    }
}
