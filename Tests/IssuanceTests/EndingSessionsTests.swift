// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

/// Sessions that end before their time, by whom.
@Suite struct EndingSessionsTests {
    /// Everybody may do their own; root everything.
    private static let policy = """
        version: 1
        roles:
          shell: {ssh: {principals: [ops]}}
          operator: {capabilities: [sessions.end]}
        allow:
          - {id: engineers-work, who: {groups: [engineers]}, roles: [shell], lifetime: {max: 1h}}
          - {id: admins-end, who: {groups: [admins]}, roles: [operator]}
        """

    private func open(_ ca: TestCA, _ serial: String, of person: Person) async throws {
        var entry = try CommitEntry(event: AuditEvent(time: AuditTime(ca.clock.now), type: .loginAllowed))
        entry.session = SessionRecord(
            serial: serial, provider: "local", user: person.name, certificateDigest: [], createdAt: ca.clock.now,
            expiresAt: ca.clock.now + 3600)
        _ = try await ca.store.commit([entry])
    }

    private func isOpen(_ ca: TestCA, _ serial: String) async throws -> Bool {
        try #require(try await ca.store.session(serial: serial)).isActive(at: ca.clock.now)
    }

    @Test func `whoever has the capability ends another's session, and it issues nothing more`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        let ended = try await ca.authority.endSessions(
            .serial(Person.ana.session), reason: "laptop lost", by: Person.root.caller())
        #expect(ended.map(\.serial) == [Person.ana.session])
        await #expect(throws: AuthorityError.sessionEnded) {
            try await ca.authority.issue(.ssh(), for: Person.ana.caller())
        }
        let event = try #require(try await ca.events().last)
        #expect(event.type == .sessionEnded)
        #expect(event.actor?.user == Person.root.name)
        #expect(event.certificate?.kind == .session)
        #expect(event.certificate?.serial == Person.ana.session)
        #expect(event.request?.reason == "laptop lost")
    }

    @Test func `whoever lacks it is denied, whether the session exists or not`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        for selection in [
            SessionSelection.serial(Person.bo.session), .serial("none"), .user(Person.bo.name), .user("nobody"),
        ] {
            let error = await #expect(throws: DeniedError.self) {
                try await ca.authority.endSessions(selection, reason: nil, by: Person.ana.caller())
            }
            #expect(error?.denial.description.contains("`sessions.end`") == true)
        }
        #expect(try await isOpen(ca, Person.bo.session))
        #expect(try await ca.events().map(\.type) == Array(repeating: .certificateDenied, count: 4))
    }

    @Test func `one ends one's own without it: one, the others, all`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        for serial in ["1a", "1b", "1c"] { try await open(ca, serial, of: .ana) }
        func end(_ selection: SessionSelection) async throws -> [String] {
            try await ca.authority.endSessions(selection, reason: nil, by: Person.ana.caller()).map(\.serial).sorted()
        }
        #expect(try await end(.serial("1b")) == ["1b"])
        #expect(try await end(.others) == ["1a", "1c"])
        #expect(try await isOpen(ca, Person.ana.session))
        #expect(try await end(.others) == [])
        try await open(ca, "1d", of: .ana)
        #expect(try await end(.user(Person.ana.name)) == [Person.ana.session, "1d"])
        #expect(try await !isOpen(ca, Person.ana.session))
        #expect(try await !isOpen(ca, "1d"))
        #expect(try await isOpen(ca, Person.bo.session))
    }

    @Test func `all of a person's are more than a page`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        for number in 0..<501 { try await open(ca, "b\(number)", of: .bo) }
        let ended = try await ca.authority.endSessions(.user(Person.bo.name), reason: nil, by: Person.root.caller())
        #expect(ended.count == 502)
        var filter = SessionFilter(openAt: ca.clock.now, limit: 10)
        filter.user = Person.bo.name
        #expect(try await ca.authority.openSessions(matching: filter).isEmpty)
    }

    @Test func `the same name of another provider is another person`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        var entry = try CommitEntry(event: AuditEvent(time: AuditTime(ca.clock.now), type: .loginAllowed))
        entry.session = SessionRecord(
            serial: "elsewhere", provider: "example", user: Person.ana.name, certificateDigest: [], createdAt: ca.clock.now,
            expiresAt: ca.clock.now + 3600)
        _ = try await ca.store.commit([entry])
        _ = try await ca.authority.endSessions(.others, reason: nil, by: Person.ana.caller())
        #expect(try await isOpen(ca, "elsewhere"))
        await #expect(throws: DeniedError.self) {
            try await ca.authority.endSessions(.serial("elsewhere"), reason: nil, by: Person.ana.caller())
        }
    }

    @Test func `what is not open is not found`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        try await ca.end(Person.bo.session)
        for serial in [Person.bo.session, "none"] {
            await #expect(throws: AuthorityError.sessionNotFound(serial: serial)) {
                try await ca.authority.endSessions(.serial(serial), reason: nil, by: Person.root.caller())
            }
        }
    }

    @Test func `whose own session ended meanwhile ends nobody's`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        ca.store.disturbOnce { _ in try await ca.end(Person.root.session) }
        await #expect(throws: AuthorityError.sessionEnded) {
            try await ca.authority.endSessions(.serial(Person.ana.session), reason: nil, by: Person.root.caller())
        }
        #expect(try await isOpen(ca, Person.ana.session))
    }

    @Test func `a login that was under way while its provider ended it opens no session`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        let provider = Person.ana.identity.provider
        func ended(_ nonce: String, session: String?) -> EndedLogin {
            EndedLogin(
                provider: provider, subject: "ana", session: session, issuedAt: ca.clock.now,
                used: UsedChallenge(nonce: nonce, expires: ca.clock.now + 600))
        }
        func login(_ session: String, after seconds: Double) -> ProviderSession {
            ProviderSession(subject: "ana", id: session, issuedAt: ca.clock.now + seconds)
        }
        // Its token is here, and its session is not yet.
        let first = ended("1", session: "s1")
        ca.store.disturbOnce { _ in
            let count = try await ca.authority.endSessions(of: first, requestID: "r")
            #expect(count == 0)
        }
        await #expect(throws: CommitRefusal.loginEnded) { try await ca.openSession(login: login("s1", after: -1)) }
        #expect(try await ca.events().isEmpty, "nothing happened")
        await #expect(throws: CommitRefusal.challengeAlreadyUsed) {
            try await ca.authority.endSessions(of: first, requestID: "r")
        }
        // The other way round it is found.
        _ = try await ca.openSession(login: login("s2", after: -1))
        #expect(try await ca.authority.endSessions(of: ended("2", session: "s2"), requestID: "r") == 1)
        // Who comes back after a logout of everything gets in, who was under way does not.
        #expect(try await ca.authority.endSessions(of: ended("3", session: nil), requestID: "r") == 0)
        await #expect(throws: CommitRefusal.loginEnded) {
            try await ca.openSession(nonce: "m", login: login("s3", after: 0))
        }
        _ = try await ca.openSession(nonce: "m", login: login("s4", after: 1))
    }

    @Test func `an end that cannot be recorded is none`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        ca.store.disturbOnce { _ in throw DiskFailure() }
        await #expect(throws: DiskFailure()) {
            try await ca.authority.endSessions(.serial(Person.ana.session), reason: nil, by: Person.root.caller())
        }
        #expect(try await isOpen(ca, Person.ana.session))
    }
}
