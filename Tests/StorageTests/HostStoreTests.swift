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
        digest: [1, 2, 3], role: "web-host", hosts: "web*.example.com", createdBy: "local/ana", createdAt: Sample.now,
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
            userCAKeys: ["SHA256:a", "SHA256:b"], zones: [], clientVersion: "test", endedSessions: nil, problem: "none")
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
        entry.hostChange = .enrolled(host, tokenDigest: token.digest)
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

    @Test func `a token is good until the second in which it expires`() async throws {
        try await create()
        #expect(try await store.commit([enrolment(of: host("web1"), after: 3600)]) == [.refused(.tokenNotUsable)])
        #expect(try await store.commit([enrolment(of: host("web1"), after: 3599)])[0].isCommitted)
    }

    @Test func `a name belongs to its key, unless that does not matter`() async throws {
        try await create()
        var taking = try Sample.entry(at: Sample.now)
        taking.hostChange = .enrolled(host("web1"), tokenDigest: [])
        _ = try await store.commit([taking])
        let other = host("web1", key: "SHA256:other", serial: "2")
        #expect(try await store.commit([enrolment(of: other)]) == [.refused(.hostNameTaken)])
        #expect(try await store.commit([enrolment(of: other, orAny: true)])[0].isCommitted)
        #expect(try await store.host(named: "web1") == other)
    }

    @Test func `hosts are listed by name, without those that were removed`() async throws {
        for name in ["c", "a", "d", "b"] {
            var entry = try Sample.entry(at: Sample.now)
            entry.hostChange = .enrolled(host(name), tokenDigest: [])
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
        entry.hostChange = .enrolled(host("web1"), tokenDigest: [])
        _ = try await store.commit([entry])
        #expect(try await store.record(report(after: 10), ofHost: "web1", publicKey: "SHA256:key"))
        #expect(try await store.record(report(after: 9), ofHost: "web1", publicKey: "SHA256:key") == false)
        #expect(try await store.record(report(after: 20), ofHost: "web1", publicKey: "SHA256:other") == false)
        #expect(try await store.record(report(after: 20), ofHost: "web2", publicKey: "SHA256:key") == false)
        #expect(try await store.host(named: "web1")?.report == report(after: 10))
        #expect(try await store.record(report(after: 11, version: nil), ofHost: "web1", publicKey: "SHA256:key"))
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

    @Test func `tokens that expired are pruned`() async throws {
        try await create()
        #expect(try await store.prune(before: Sample.now, limit: 10) == 0)
        #expect(try await store.prune(before: Sample.now.addingTimeInterval(3601), limit: 10) == 1)
        #expect(try await store.enrolmentToken(digest: [1, 2, 3]) == nil)
    }
}
