// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Issuance
import Testing

@testable import Storage

/// What every store must do for hosts and their tokens.
@Suite struct HostStoreTests {
    private let store: SQLStore
    private let directory: ScratchDirectory

    init() async throws {
        directory = try ScratchDirectory()
        store = try await SQLStore.sqlite(path: directory.path + "/test.sqlite")
    }

    private let token = EnrolmentToken(
        digest: [1, 2, 3], kind: .sshHost, role: "web-host", names: ["web*.example.com"], createdBy: "local/ana",
        createdAt: Sample.now,
        expiresAt: Sample.now.addingTimeInterval(3600))

    private func host(_ name: String, key: String = "SHA256:key", serial: String = "1") -> HostRecord {
        HostRecord(
            name: name, role: "web-host", zones: ["eu", "web"], publicKey: key, enrolledAt: Sample.now, token: token.id,
            certificate: CertificateReference(issuer: "SHA256:ca", serial: serial),
            validBefore: Sample.now.addingTimeInterval(600))
    }

    private func report(after seconds: Double, version: UInt64? = 7) -> HostReport {
        HostReport(
            time: Sample.now.addingTimeInterval(seconds),
            certificate: CertificateReference(issuer: "SHA256:old-ca", serial: "3"), revocationListVersion: version,
            userCAKeys: ["SHA256:a", "SHA256:b"], zones: [], clientVersion: "test", sessionsListVersion: 6, problem: "none")
    }

    private func create() async throws {
        var entry = try Sample.entry(at: Sample.now)
        entry.newToken = token
        _ = try await store.commit([entry])
    }

    private func enrolment(of host: HostRecord, orAny: Bool = false, after seconds: Double = 0) throws -> CommitEntry {
        var entry = try Sample.entry(at: Sample.now.addingTimeInterval(seconds))
        entry.preconditions = [
            .tokenIsUsable(digest: token.digest), .hostNameIsFree(host.name, orOf: host.publicKey, orAny: orAny),
        ]
        entry.usedToken = UsedToken(digest: token.digest, certificate: host.certificate)
        entry.hostChange = .enrolled(host)
        return entry
    }

    @Test func `a token is used once, also within one batch, and leads to what it gave`() async throws {
        try await create()
        #expect(try await store.enrolmentToken(digest: [1, 2, 3]) == token)
        #expect(try await store.enrolmentToken(digest: [1, 2]) == nil)
        let outcomes = try await store.commit([enrolment(of: host("web1")), enrolment(of: host("web2"))])
        #expect(outcomes == [.committed(index: 1), .refused(.tokenNotUsable)])
        #expect(try await store.enrolmentToken(digest: [1, 2, 3])?.use == host("web1").certificate)
        #expect(try await store.host(named: "web1") == host("web1"))
        #expect(try await store.host(named: "web2") == nil)
    }

    @Test func `a token of a machine keeps its names, and certificates the enrolment they came of`() async throws {
        let token = EnrolmentToken(
            digest: [4], kind: .x509, role: "web", names: ["web1.example.com", "web*.example.com"], createdBy: "local/ana",
            createdAt: Sample.now, expiresAt: Sample.now.addingTimeInterval(60))
        var creation = try Sample.entry(at: Sample.now)
        creation.newToken = token
        _ = try await store.commit([creation])
        #expect(try await store.enrolmentToken(digest: [4]) == token)

        func certificate(_ serial: String, key: String, _ preconditions: [Precondition]) throws -> CommitEntry {
            var entry = try Sample.entry(at: Sample.now)
            var record = Sample.certificate(serial: serial)
            (record.enrolment, record.publicKey) = ("e", key)
            entry.certificate = record
            entry.preconditions = preconditions
            return entry
        }
        let first = try certificate("1", key: "a", [.enrolmentIsOpen("e")])
        let other = try certificate("2", key: "b", [.enrolmentIsOpen("e"), .enrolmentKeyIsAmong("e", ["a", "b"])])
        let late = try certificate("3", key: "a", [.enrolmentIsOpen("e"), .enrolmentKeyIsAmong("e", ["a", "c"])])
        let outcomes = try await store.commit([first, other, late])
        #expect(outcomes == [.committed(index: 1), .committed(index: 2), .refused(.enrolmentKeyReplaced)])
        var filter = CertificateFilter(limit: 9)
        filter.enrolment = "e"
        #expect(try await store.certificates(matching: filter).map(\.serial) == ["2", "1"])
        #expect(try await store.certificates(matching: filter).first?.enrolment == "e")

        var revocation = try Sample.entry(at: Sample.now)
        let revoked = try #require(first.certificate)
        revocation.revocations = [
            Revocation(issuer: revoked.issuer, serial: "1", time: Sample.now, cause: .certificateHold, reason: "x")
        ]
        let next = try certificate("4", key: "b", [.enrolmentIsOpen("e")])
        let stranger = try certificate("5", key: "b", [.enrolmentIsOpen("f")])
        let ended = try await store.commit([revocation, next, stranger])
        #expect(ended == [.committed(index: 3), .refused(.enrolmentEnded), .committed(index: 4)])
    }

    @Test func `machines are listed by enrolment, each with its newest certificate`() async throws {
        func certificate(_ serial: String, of enrolment: String?, at second: Double, lasting: Double = 60) throws -> CommitEntry
        {
            var entry = try Sample.entry(at: Sample.now)
            var record = Sample.certificate(serial: serial)
            record.enrolment = enrolment
            record.issuedAt = Sample.now.addingTimeInterval(second)
            record.validBefore = record.issuedAt.addingTimeInterval(lasting)
            entry.certificate = record
            return entry
        }
        let first = try certificate("1", of: "a", at: 0)
        _ = try await store.commit([
            first, try certificate("2", of: "b", at: 1), try certificate("3", of: nil, at: 2),
            try certificate("4", of: "a", at: 3), try certificate("5", of: "c", at: 4, lasting: 10),
        ])
        func machines(after enrolment: String? = nil, endingAfter second: Double = 0, limit: Int = 9) async throws -> [String] {
            try await store.machines(
                after: enrolment, endingAfter: Sample.now.addingTimeInterval(second), limit: limit
            ).map { "\($0.enrolment) \($0.newest.serial) \(Int($0.enrolledAt.timeIntervalSince(Sample.now))) \($0.isEnded)" }
        }
        #expect(try await machines() == ["a 4 0 false", "b 2 1 false", "c 5 4 false"])
        #expect(try await machines(limit: 2) == ["a 4 0 false", "b 2 1 false"])
        #expect(try await machines(after: "b") == ["c 5 4 false"])
        // Until the second in which its newest ends.
        #expect(try await machines(endingAfter: 13) == ["a 4 0 false", "b 2 1 false", "c 5 4 false"])
        #expect(try await machines(endingAfter: 14) == ["a 4 0 false", "b 2 1 false"])
        #expect(try await machines(endingAfter: 63) == [])

        // An older one that is revoked ends the enrolment as well.
        var revocation = try Sample.entry(at: Sample.now)
        revocation.revocations = [
            Revocation(
                issuer: try #require(first.certificate).issuer, serial: "1", time: Sample.now, cause: .keyCompromise,
                reason: "x")
        ]
        _ = try await store.commit([revocation])
        #expect(try await machines(limit: 1) == ["a 4 0 true"])
    }

    @Test func `open tokens are listed by id`() async throws {
        func token(_ first: UInt8, expires second: Double = 60) -> EnrolmentToken {
            EnrolmentToken(
                digest: [first] + Array(repeating: 7, count: 31), kind: .x509, role: "web", names: ["web1.example.com"],
                createdBy: "local/ana", createdAt: Sample.now, expiresAt: Sample.now.addingTimeInterval(second))
        }
        let tokens = [token(0xff), token(0x00), token(0x7f, expires: 5), token(0x80)]
        for token in tokens {
            var entry = try Sample.entry(at: Sample.now)
            entry.newToken = token
            _ = try await store.commit([entry])
        }
        func open(after id: String? = nil, at second: Double = 0, limit: Int = 9) async throws -> [UInt8] {
            try await store.openEnrolmentTokens(at: Sample.now.addingTimeInterval(second), after: id, limit: limit)
                .map { $0.digest[0] }
        }
        #expect(try await store.openEnrolmentTokens(at: Sample.now, after: nil, limit: 1) == [tokens[1]])
        #expect(try await open() == [0x00, 0x7f, 0x80, 0xff])
        #expect(try await open(limit: 3) == [0x00, 0x7f, 0x80])
        #expect(try await open(after: tokens[2].id) == [0x80, 0xff])
        // Until the second in which it expires.
        #expect(try await open(at: 4) == [0x00, 0x7f, 0x80, 0xff])
        #expect(try await open(at: 5) == [0x00, 0x80, 0xff])

        var use = try Sample.entry(at: Sample.now)
        use.usedToken = UsedToken(digest: tokens[3].digest, certificate: CertificateReference(issuer: "i", serial: "1"))
        var cancellation = try Sample.entry(at: Sample.now)
        cancellation.cancelledToken = tokens[0].digest
        _ = try await store.commit([use, cancellation])
        #expect(try await open() == [0x00, 0x7f])
    }

    @Test func `a token is good until the second in which it expires`() async throws {
        try await create()
        #expect(try await store.commit([enrolment(of: host("web1"), after: 3600)]) == [.refused(.tokenNotUsable)])
        #expect(try await store.commit([enrolment(of: host("web1"), after: 3599)])[0].isCommitted)
    }

    @Test func `a name belongs to its key, unless that does not matter`() async throws {
        try await create()
        var taking = try Sample.entry(at: Sample.now)
        taking.hostChange = .enrolled(host("web1"))
        _ = try await store.commit([taking])
        let other = host("web1", key: "SHA256:other", serial: "2")
        #expect(try await store.commit([enrolment(of: other)]) == [.refused(.hostNameTaken)])
        #expect(try await store.commit([enrolment(of: other, orAny: true)])[0].isCommitted)
        #expect(try await store.host(named: "web1") == other)
    }

    @Test func `hosts are listed by name, without those that were removed`() async throws {
        for name in ["c", "a", "d", "b"] {
            var entry = try Sample.entry(at: Sample.now)
            entry.hostChange = .enrolled(host(name))
            _ = try await store.commit([entry])
        }
        var removing = try Sample.entry(at: Sample.now)
        removing.preconditions = [.hostIsEnrolled("b", publicKey: "SHA256:key")]
        removing.hostChange = .removed(name: "b")
        #expect(
            try await store.commit([removing, removing]) == [.committed(index: 4), .refused(.hostNotEnrolled)])
        #expect(try await store.hosts(after: nil, limit: 2).map(\.name) == ["a", "c"])
        #expect(try await store.hosts(after: "c", limit: 2).map(\.name) == ["d"])
        #expect(try await store.host(named: "b")?.removedAt == Sample.now)
    }

    @Test func `a report is kept if it is of an enrolled host and newer`() async throws {
        var entry = try Sample.entry(at: Sample.now)
        entry.hostChange = .enrolled(host("web1"))
        _ = try await store.commit([entry])
        #expect(try await store.record(report(after: 10), [], ofHost: "web1", publicKey: "SHA256:key"))
        #expect(try await store.record(report(after: 9), [], ofHost: "web1", publicKey: "SHA256:key") == false)
        #expect(try await store.record(report(after: 20), [], ofHost: "web1", publicKey: "SHA256:other") == false)
        #expect(try await store.record(report(after: 20), [], ofHost: "web2", publicKey: "SHA256:key") == false)
        #expect(try await store.host(named: "web1")?.report == report(after: 10))
        #expect(try await store.record(report(after: 11, version: nil), [], ofHost: "web1", publicKey: "SHA256:key"))
        #expect(try await store.host(named: "web1")?.report?.revocationListVersion == nil)

        var renewing = try Sample.entry(at: Sample.now)
        let reference = CertificateReference(issuer: "SHA256:ca", serial: "9")
        renewing.hostChange = .renewed(
            name: "web1", zones: ["us"], reference, validBefore: Sample.now.addingTimeInterval(900))
        _ = try await store.commit([renewing])
        let renewed = try #require(try await store.host(named: "web1"))
        #expect(renewed.certificate == reference)
        #expect(renewed.zones == ["us"])
        #expect(renewed.report != nil)
    }

    private func session(
        _ id: String, _ outcome: HostSession.Outcome, serial: String? = "7", host: String = "web1"
    ) -> HostSession {
        HostSession(
            host: host, id: id, outcome: outcome, reason: "revoked",
            certificate: serial.map { CertificateReference(issuer: "SHA256:ca", serial: $0) }, login: "deploy", address: nil,
            since: Sample.now, at: Sample.now.addingTimeInterval(5), lastsUntil: nil)
    }

    private func outcomes(_ change: (inout HostSessionFilter) -> Void = { _ in }) async throws -> [String: HostSession.Outcome]
    {
        var filter = HostSessionFilter(limit: 100)
        change(&filter)
        return Dictionary(
            uniqueKeysWithValues: try await store.hostSessions(matching: filter).map { ($0.id, $0.outcome) })
    }

    @Test func `sessions are kept once, counted once, and gone when the host names them no more`() async throws {
        for name in ["web1", "web2"] {
            var entry = try Sample.entry(at: Sample.now)
            entry.hostChange = .enrolled(host(name))
            _ = try await store.commit([entry])
        }
        func record(_ sessions: [HostSession], after seconds: Double) async throws -> Bool {
            try await store.record(report(after: seconds), sessions, ofHost: "web1", publicKey: "SHA256:key")
        }
        let first = [session("a", .ended), session("b", .notEnded), session("c", .undetermined, serial: nil)]
        #expect(try await record(first, after: 1))
        #expect(try await record(first, after: 2))
        #expect(try await outcomes() == ["a": .ended, "b": .notEnded, "c": .undetermined])
        #expect(try await store.hostSessions(matching: HostSessionFilter(limit: 1)).count == 1)
        var found = try #require(try await store.host(named: "web1"))
        #expect(found.endedSessions == 1 && found.openSessions == 2)
        #expect(try await outcomes { $0.onlyOpen = true }.keys.sorted() == ["b", "c"])
        #expect(try await outcomes { $0.ids = ["a", "x"] } == ["a": .ended])
        #expect(try await outcomes { $0.host = "web2" }.isEmpty)

        #expect(try await record([session("b", .killed)], after: 3))
        #expect(try await outcomes() == ["a": .ended, "b": .killed, "c": .gone])
        found = try #require(try await store.host(named: "web1"))
        #expect(found.endedSessions == 2 && found.openSessions == 0)
        // An older report changes nothing, of sessions either.
        #expect(try await record([session("d", .ended)], after: 2) == false)
        #expect(try await outcomes()["d"] == nil)

        #expect(try await record([session("e", .notEnded)], after: 4))
        var removing = try Sample.entry(at: Sample.now)
        removing.hostChange = .removed(name: "web1")
        _ = try await store.commit([removing])
        #expect(try await outcomes()["e"] == .gone)
        #expect(try await store.prune(before: Sample.now.addingTimeInterval(91 * 86_400), limit: 100) >= 4)
        #expect(try await outcomes().isEmpty)
    }

    @Test func `an entry of news is refused when they are on record`() async throws {
        var entry = try Sample.entry(at: Sample.now)
        entry.hostChange = .enrolled(host("web1"))
        _ = try await store.commit([entry])
        var reporting = try Sample.entry(at: Sample.now)
        let news = [session("a", .ended)]
        reporting.preconditions = [
            .hostIsEnrolled("web1", publicKey: "SHA256:key"),
            .hostSaidNothingNewer("web1", than: report(after: 1).time), .hostSessionsAreNews(news),
        ]
        reporting.hostChange = .reported(name: "web1", publicKey: "SHA256:key", report(after: 1), news)
        #expect(
            try await store.commit([reporting, reporting]) == [.committed(index: 1), .refused(.hostReportOutdated)])
        reporting.preconditions = [.hostSaidNothingNewer("web1", than: Sample.now)]
        #expect(try await store.commit([reporting]) == [.refused(.hostReportOutdated)])
        #expect(try await store.host(named: "web1")?.report == report(after: 1))
    }

    @Test func `lists are found by their number, with what they cover`() async throws {
        for (floor, event) in [(10, 3), (10, 3), (12, 8)] as [(UInt64, Int64)] {
            _ = try await store.nextNumber(ofList: "krl", atLeast: floor, covering: event, at: Sample.now)
        }
        _ = try await store.nextNumber(ofList: "other", atLeast: 11, covering: 9, at: Sample.now)
        let all = try await store.listVersions(of: "krl", upTo: nil, limit: 10)
        #expect(all.map(\.number) == [12, 11, 10])
        #expect(all.map(\.event) == [8, 3, 3])
        #expect(try await store.listVersions(of: "krl", upTo: 11, limit: 1).map(\.number) == [11])
        #expect(try await store.listVersions(of: "krl", upTo: 9, limit: 1).isEmpty)
    }

    @Test func `tokens that expired are pruned`() async throws {
        try await create()
        #expect(try await store.prune(before: Sample.now, limit: 10) == 0)
        #expect(try await store.prune(before: Sample.now.addingTimeInterval(3601), limit: 10) == 1)
        #expect(try await store.enrolmentToken(digest: [1, 2, 3]) == nil)
    }
}
