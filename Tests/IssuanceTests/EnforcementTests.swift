// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import SSHCertificates
import ServiceAPI
import Testing

@testable import Issuance

/// How far a revocation has come, by what hosts say; and what they say of open sessions, once in the log.
@Suite struct EnforcementTests {
    private let ca: TestCA
    private let publisher: RevocationPublisher

    init() async throws {
        ca = try await TestCA()
        publisher = RevocationPublisher(authority: ca.authority)
        _ = try await publisher.publish()
    }

    private func enrolled(_ name: String) async throws -> ProvenHost {
        let host = try TestHost(name)
        let record = try await ca.enrolled(host.enrolment(try await ca.token(hosts: name), at: ca))
        return ProvenHost(
            name: try HostName(name), key: host.publicKey, role: "web-host",
            proof: .certificate(CertificateReference(issuer: record.issuer, serial: record.serial)),
            request: UsedChallenge(nonce: name, expires: .distantFuture), address: nil)
    }

    private func report(
        _ host: ProvenHost, list: UInt64?, sessionsList: UInt64? = nil, _ sessions: [HostSession] = []
    ) async throws {
        guard case .certificate(let certificate) = host.proof else { return }
        try await ca.authority.record(
            HostReport(
                time: ca.clock.now, certificate: certificate, revocationListVersion: list, userCAKeys: [], zones: [],
                clientVersion: "test", sessionsListVersion: sessionsList, problem: nil),
            sessions, of: host, requestID: "request")
    }

    private func session(
        _ id: String, _ outcome: HostSession.Outcome, of certificate: CertificateRecord?, on host: ProvenHost
    ) -> HostSession {
        HostSession(
            host: host.name.text, id: id, outcome: outcome, reason: "revoked",
            certificate: certificate.map { CertificateReference(issuer: $0.issuer, serial: $0.serial) }, login: "deploy",
            address: "10.0.0.9", since: ca.clock.now, at: ca.clock.now, lastsUntil: nil)
    }

    /// - Returns: the version of the list that names it, and of the one before.
    private func revoke(_ record: CertificateRecord) async throws -> (version: UInt64, previous: UInt64) {
        let previous = try #require(publisher.lists.keys).version
        let outcome = try await ca.authority.revoke(
            RevocationOrder(.serial(record.serial, kind: .ssh), reason: "lost"), by: Person.root.caller())
        _ = try await publisher.publish()
        let event = try #require(outcome.lastListedEvent)
        return (try #require(await publisher.lists.keys(covering: event, within: .zero)).version, previous)
    }

    @Test func `hosts count when they enforce the list, and exposure ends with the last certificate`() async throws {
        let web1 = try await enrolled("web1.example.com"), web2 = try await enrolled("web2.example.com")
        let lost = try await ca.issued(.ssh()), other = try await ca.issued(.ssh(), to: Person.bo.caller())
        ca.clock.advance(10)
        let (first, previous) = try await revoke(lost)
        try await report(web1, list: previous)
        var state = try #require(try await ca.authority.enforcement(of: first).first)
        #expect(state.list.number == first && state.certificates == 1)
        #expect(state.hosts == 2 && state.enforcing == 0)
        #expect(state.stale.map(\.name) == ["web1.example.com", "web2.example.com"])
        #expect(state.stale.map(\.version) == [previous, nil])
        #expect(state.exposedUntil == lost.validBefore)
        #expect(state.watching == 0)

        ca.clock.advance(10)
        let (second, before) = try await revoke(other)
        #expect(before == first)
        try await report(web1, list: second, sessionsList: first)
        try await report(web2, list: first, sessionsList: first)
        state = try #require(try await ca.authority.enforcement(of: first).first)
        #expect(state.enforcing == 2 && state.stale.isEmpty && state.exposedUntil == nil)
        #expect(state.watching == 2 && state.checked == 2)
        state = try #require(try await ca.authority.enforcement(of: second).first)
        #expect(state.enforcing == 1 && state.stale.map(\.name) == ["web2.example.com"] && state.checked == 0)
        #expect(state.exposedUntil == other.validBefore)
        #expect(try await ca.authority.enforcement(of: nil).prefix(2).map(\.list.number) == [second, first])
        #expect(try await ca.authority.enforcement(of: second + 1).isEmpty)
    }

    @Test func `each outcome of a session is in the log once, and found by the list that ended it`() async throws {
        let host = try await enrolled("web1.example.com")
        let lost = try await ca.issued(.ssh()), other = try await ca.issued(.ssh(), to: Person.bo.caller())
        ca.clock.advance(10)
        let (version, previous) = try await revoke(lost)
        let stuck = session("a", .notEnded, of: lost, on: host), doubtful = session("b", .undetermined, of: nil, on: host)
        let foreign = session("c", .ended, of: other, on: host)
        let before = try await ca.events().count
        for _ in 1...2 { try await report(host, list: version, sessionsList: version, [stuck, doubtful, foreign]) }
        ca.clock.advance(1)
        let ended = session("a", .killed, of: lost, on: host)
        try await report(host, list: version, sessionsList: version, [ended, doubtful])
        let events = try await ca.events().dropFirst(before)
        #expect(
            events.map(\.type) == [.sshSessionOpen, .sshSessionOpen, .sshSessionEnded, .sshSessionEnded])
        let last = try #require(events.last)
        #expect(last.certificate?.serial == lost.serial && last.message == "killed")
        #expect(last.request?.host == "web1.example.com" && last.request?.logins == ["deploy"])
        #expect(last.actor?.provider == "hosts")

        let found = try await ca.authority.sessions(revokedAfter: previous, upTo: version)
        #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.outcome) }) == ["a": .killed, "b": .undetermined])
        #expect(try await ca.authority.sessions(revokedAfter: version, upTo: version).map(\.id) == ["b"])
    }

    @Test func `a report after the host was removed, or out of order, leaves no trace`() async throws {
        let host = try await enrolled("web1.example.com")
        let lost = try await ca.issued(.ssh())
        try await report(host, list: 1)
        ca.clock.advance(-1)
        let before = try await ca.events().count
        await #expect(throws: EnrolmentRefusal.tooManyReports) {
            try await report(host, list: 1, [session("a", .ended, of: lost, on: host)])
        }
        ca.clock.advance(2)
        _ = try await ca.authority.removeHost(host.name, reason: "x", by: Person.root.caller())
        await #expect(throws: EnrolmentRefusal.notEnrolled("web1.example.com")) {
            try await report(host, list: 1, [session("a", .ended, of: lost, on: host)])
        }
        #expect(try await ca.events().count == before + 1)
        #expect(try await ca.store.hostSessions(matching: HostSessionFilter(limit: 10)).isEmpty)
    }

    @Test func `a list is waited for until it covers the event, and no longer than that`() async throws {
        let lost = try await ca.issued(.ssh())
        let outcome = try await ca.authority.revoke(
            RevocationOrder(.serial(lost.serial, kind: .ssh), reason: "lost"), by: Person.root.caller())
        let event = try #require(outcome.lastListedEvent)
        #expect(await publisher.lists.keys(covering: event, within: .milliseconds(10)) == nil)
        async let waited = publisher.lists.keys(covering: event, within: .seconds(60))
        _ = try await publisher.publish()
        #expect(await waited == publisher.lists.keys)
    }
}
