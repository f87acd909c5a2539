// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Issuance
import Testing

@testable import Storage

/// What every store must do, whatever engine lies below.
@Suite struct StoreContractTests {
    private let store: SQLStore
    private let directory: ScratchDirectory

    init() async throws {
        directory = try ScratchDirectory()
        store = try await SQLStore.sqlite(path: directory.path + "/test.sqlite")
    }

    @Test func `what was committed can be read`() async throws {
        var entry = try Sample.entry(at: Sample.now)
        entry.certificate = Sample.certificate(serial: "7")
        entry.session = Sample.session(serial: "ab")
        #expect(try await store.commit([entry]) == [.committed(index: 0)])

        var expected = Sample.certificate(serial: "7")
        expected.number = 1
        #expect(try await store.certificate(issuer: "SHA256:ca", serial: "7") == expected)
        #expect(try await store.session(serial: "ab") == Sample.session(serial: "ab"))
        #expect(try await store.logLeaves(from: 0, limit: 10) == [entry.leaf])
    }

    @Test func `a session keeps the identity it was opened with, also that of nobody`() async throws {
        var session = Sample.session(serial: "cd")
        session.user = nil
        session.identity = SessionIdentity(bytes: [0x7b, 0x7d])
        var entry = try Sample.entry(at: Sample.now)
        entry.session = session
        _ = try await store.commit([entry])
        #expect(try await store.session(serial: "cd") == session)
    }

    @Test func `of people of a provider the newest login is kept, longer than its session, and not for ever`() async throws {
        func logIn(_ serial: String, user: String?, at seconds: Double, saying bytes: [UInt8]?) async throws {
            var session = Sample.session(serial: serial)
            session.user = user
            session.identity = bytes.map { SessionIdentity(bytes: $0) }
            session.createdAt = Sample.now + seconds
            var entry = try Sample.entry(at: Sample.now)
            entry.session = session
            _ = try await store.commit([entry])
        }
        try await logIn("01", user: "pat@corp.example", at: 60, saying: [2])
        // Written later by another server.
        try await logIn("02", user: "pat@corp.example", at: 0, saying: [1])
        try await logIn("03", user: "local@example.com", at: 0, saying: nil)
        try await logIn("04", user: nil, at: 0, saying: [3])
        let people = try await store.knownPeople(named: nil, at: Sample.now)
        #expect(people.map(\.user) == ["pat@corp.example"])
        #expect(people.first?.identity.bytes == [2] && people.first?.loggedInAt == Sample.now + 60)
        #expect(try await store.knownPeople(named: "local@example.com", at: Sample.now).isEmpty)
        let end = Sample.now + 60 + KnownPerson.retention
        #expect(try await store.knownPeople(named: "pat@corp.example", at: end - 1).count == 1)
        #expect(try await store.knownPeople(named: "pat@corp.example", at: end).isEmpty)
        _ = try await store.prune(before: end, limit: 10)
        #expect(try await store.knownPeople(named: nil, at: Sample.now).count == 1)
        _ = try await store.prune(before: end + 1, limit: 10)
        #expect(try await store.knownPeople(named: nil, at: Sample.now).isEmpty)
    }

    @Test func `an entry without its precondition is refused and leaves no trace`() async throws {
        var refused = try Sample.entry(at: Sample.now)
        refused.preconditions = [.sessionIsActive(serial: "none")]
        refused.certificate = Sample.certificate(serial: "1")
        var good = try Sample.entry(at: Sample.now)
        good.certificate = Sample.certificate(serial: "2")
        #expect(try await store.commit([refused, good]) == [.refused(.sessionEnded), .committed(index: 0)])
        #expect(try await store.certificate(issuer: "SHA256:ca", serial: "1") == nil)
        #expect(try await store.logFrontier().size == 1)
    }

    @Test func `the policy load on record is the last one that was committed`() async throws {
        #expect(try await store.livePolicy() == nil)
        let source = AuditEvent.PolicySource(commit: "0f3a12d", signer: "lead@example.com")
        let records = [
            PolicyRecord(digest: "sha256:1", source: source, loadedAt: Sample.now),
            PolicyRecord(digest: "sha256:2", source: nil, loadedAt: Sample.now.addingTimeInterval(1)),
        ]
        for record in records {
            var entry = try Sample.entry(at: Sample.now)
            entry.policy = record
            #expect(try await store.commit([entry])[0].isCommitted)
            #expect(try await store.livePolicy() == record)
        }
        var refused = try Sample.entry(at: Sample.now)
        refused.preconditions = [.sessionIsActive(serial: "none")]
        refused.policy = records[0]
        #expect(try await store.commit([refused]) == [.refused(.sessionEnded)])
        #expect(try await store.livePolicy() == records[1])
    }

    @Test func `a session counts until it ends or expires`() async throws {
        var opening = try Sample.entry(at: Sample.now)
        opening.session = Sample.session(serial: "ab")
        _ = try await store.commit([opening])

        func using(at time: Date) async throws -> CommitOutcome {
            var entry = try Sample.entry(at: time)
            entry.preconditions = [.sessionIsActive(serial: "ab")]
            return try await store.commit([entry])[0]
        }
        #expect(try await using(at: Sample.now).isCommitted)
        #expect(try await using(at: Sample.session(serial: "ab").expiresAt) == .refused(.sessionEnded))

        var ending = try Sample.entry(at: Sample.now.addingTimeInterval(3600))
        ending.endedSessions = ["ab"]
        _ = try await store.commit([ending])
        #expect(try await using(at: Sample.now.addingTimeInterval(3600)) == .refused(.sessionEnded))
    }

    @Test func `a person who was removed in between is refused`() async throws {
        var entry = try Sample.entry(at: Sample.now)
        entry.preconditions = [.personIsStillKnown { false }]
        #expect(try await store.commit([entry]) == [.refused(.personNoLongerKnown)])
    }

    @Test func `a challenge is answered once, also within one batch`() async throws {
        var entry = try Sample.entry(at: Sample.now)
        entry.preconditions = [.challengeIsUnused(nonce: "n")]
        entry.usedChallenge = UsedChallenge(nonce: "n", expires: Sample.now.addingTimeInterval(120))
        #expect(try await store.commit([entry, entry]) == [.committed(index: 0), .refused(.challengeAlreadyUsed)])
        #expect(try await store.commit([entry]) == [.refused(.challengeAlreadyUsed)])
    }

    @Test func `an idempotency key belongs to its identity and leads to the first certificate`() async throws {
        let key = IdempotencyKey(key: "k", requestDigest: [1, 2, 3])
        func entry(_ identity: String, serial: String) throws -> CommitEntry {
            var entry = try Sample.entry(at: Sample.now)
            entry.preconditions = [.idempotencyKeyIsFree(key, identity: identity)]
            entry.certificate = Sample.certificate(serial: serial)
            entry.reply = NewReply(identity: identity, key: key, narrowed: ["one", "two"], expires: Sample.now)
            return entry
        }
        let outcomes = try await store.commit([
            entry("local/ana", serial: "1"), entry("local/ana", serial: "2"), entry("local/bo", serial: "3"),
        ])
        #expect(outcomes == [.committed(index: 0), .refused(.idempotencyKeyTaken), .committed(index: 1)])
        let reply = try #require(try await store.reply(to: key, of: "local/ana"))
        #expect(reply.certificate.serial == "1")
        #expect(reply.narrowed == ["one", "two"])
        #expect(reply.requestDigest == [1, 2, 3])
        #expect(try await store.reply(to: key, of: "local/cy") == nil)
    }

    @Test func `a revocation is recorded once`() async throws {
        var issuing = try Sample.entry(at: Sample.now)
        issuing.certificate = Sample.certificate(serial: "1")
        var revoking = try Sample.entry(at: Sample.now)
        revoking.preconditions = [.certificateIsNotRevoked(issuer: "SHA256:ca", serial: "1", orOnlyHeld: false)]
        revoking.revocations = [Revocation(issuer: "SHA256:ca", serial: "1", time: Sample.now, reason: "lost laptop")]
        #expect(
            try await store.commit([issuing, revoking, revoking])
                == [.committed(index: 0), .committed(index: 1), .refused(.alreadyRevoked)])
        let record = try #require(try await store.certificate(issuer: "SHA256:ca", serial: "1"))
        #expect(record.revokedAt == Sample.now)
        #expect(record.revocationReason == "lost laptop")
    }

    @Test func `serials are dense, begin at one, and are never handed out twice`() async throws {
        let blocks = try await withThrowingTaskGroup(of: Range<UInt64>.self) { [store] group in
            for _ in 0..<20 { group.addTask { try await store.allotSerials(10, issuer: "a") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(blocks.flatMap { Array($0) }.sorted() == Array(1...200))
        #expect(try await store.allotSerials(5, issuer: "b") == 1..<6)
    }

    @Test func `a clock that steps back by more than a minute stops the log`() async throws {
        _ = try await store.commit([try Sample.entry(at: Sample.now)])
        let little = try Sample.entry(at: Sample.now.addingTimeInterval(-30))
        let much = try Sample.entry(at: Sample.now.addingTimeInterval(-90))
        #expect(
            try await store.commit([little, much]) == [.committed(index: 1), .refused(.clockWentBack(lastEvent: Sample.now))])
    }

    @Test func `the log proves that it only grew, across tiles`() async throws {
        for batch in 0..<6 {
            let entries = try (0..<100).map { try Sample.entry(at: Sample.now, message: "\(batch) \($0)") }
            _ = try await store.commit(entries)
        }
        let leaves = try await store.logLeaves(from: 0, limit: 1000)
        var frontier = MerkleFrontier()
        var heads = [frontier.head]
        for leaf in leaves {
            frontier.append(.leaf(leaf))
            heads.append(frontier.head)
        }
        #expect(try await store.logFrontier() == frontier)
        for (old, new) in [(1, 600), (255, 257), (256, 600), (300, 512), (599, 600), (600, 600)] {
            let proof = try await store.consistencyProof(from: UInt64(old), to: UInt64(new))
            try heads[new].verifyConsistency(with: heads[old], proof: proof)
        }
    }

    @Test func `the inventory is filtered and paged, newest first`() async throws {
        var entries: [CommitEntry] = []
        for number in 1...5 {
            var entry = try Sample.entry(at: Sample.now)
            entry.certificate = Sample.certificate(serial: "\(number)", user: number == 3 ? "bo" : "ana")
            entries.append(entry)
        }
        _ = try await store.commit(entries)
        var filter = CertificateFilter(limit: 2)
        filter.user = "ana"
        let first = try await store.certificates(matching: filter)
        #expect(first.map(\.serial) == ["5", "4"])
        filter.before = first.last?.number
        #expect(try await store.certificates(matching: filter).map(\.serial) == ["2", "1"])
        filter.before = nil
        filter.activeAt = Sample.certificate(serial: "1").validBefore
        #expect(try await store.certificates(matching: filter).isEmpty)
        #expect(try await store.countActiveCertificates(at: Sample.now) == 5)
    }

    private func access(
        _ id: String, user: String = "ana", closesAt: Double = 60, reviewDue: Double? = nil,
        isRechecked: Bool = false
    ) -> AccessSummary {
        AccessSummary(
            id: id, provider: "local", user: user, role: "shell", rule: "ask", requestedAt: Sample.now, extends: nil,
            isRechecked: isRechecked, closesAt: Sample.now.addingTimeInterval(closesAt),
            reviewDue: reviewDue.map(Sample.now.addingTimeInterval))
    }

    @Test func `the events of an access request are leaves of the log, in their order`() async throws {
        let other = try Sample.entry(at: Sample.now, message: "other")
        var first = try Sample.entry(at: Sample.now, message: "asked")
        first.preconditions = [.accessIsAt(id: "a", version: 0, issued: nil)]
        first.access = [AccessChange(summary: access("a"), events: [0])]
        var second = try Sample.entry(at: Sample.now, message: "issued")
        second.moreLeaves = [try Sample.entry(at: Sample.now, message: "claimed").leaf]
        second.preconditions = [.accessIsAt(id: "a", version: 1, issued: 0)]
        second.access = [AccessChange(summary: access("a", closesAt: 90, reviewDue: 30), events: [1], issued: 1)]
        #expect(
            try await store.commit([other, first, second])
                == [.committed(index: 0), .committed(index: 1), .committed(index: 2)])
        let record = try #require(try await store.accessRecord(id: "a"))
        #expect(record.leaves == [first.leaf] + second.moreLeaves)
        #expect(record.version == 2 && record.issued == 1)
        #expect(record.summary == access("a", closesAt: 90, reviewDue: 30))
        #expect(try await store.logLeaves(from: 0, limit: 10) == [other.leaf, first.leaf, second.leaf] + second.moreLeaves)
        #expect(try await store.accessRecord(id: "b") == nil)
    }

    @Test func `those that are rechecked are found by that, and by their end`() async throws {
        for (place, summary) in [
            access("a", isRechecked: true), access("b"), access("c", closesAt: -60, isRechecked: true),
        ].enumerated() {
            var entry = try Sample.entry(at: Sample.now, message: "\(place)")
            entry.access = [AccessChange(summary: summary, events: [0])]
            _ = try await store.commit([entry])
        }
        var filter = AccessFilter(limit: 10)
        filter.isRechecked = true
        #expect(try await store.accessRecords(matching: filter).map(\.summary.id) == ["c", "a"])
        filter.closesAfter = Sample.now
        #expect(try await store.accessRecords(matching: filter).map(\.summary) == [access("a", isRechecked: true)])
    }

    @Test func `what was decided on a request that has changed since is refused`() async throws {
        func entry(_ version: Int, issued: Int? = nil) throws -> CommitEntry {
            var entry = try Sample.entry(at: Sample.now)
            entry.preconditions = [.accessIsAt(id: "a", version: version, issued: issued)]
            entry.access = [AccessChange(summary: access("a"), events: [0])]
            return entry
        }
        let outcomes = try await store.commit([entry(0), entry(0), entry(1, issued: 1), entry(1, issued: 0), entry(1)])
        #expect(
            outcomes == [
                .committed(index: 0), .refused(.accessChanged), .refused(.accessChanged), .committed(index: 1),
                .refused(.accessChanged),
            ])
    }

    @Test func `access requests are found by person, rule, parent, and what is open or due`() async throws {
        var entries: [CommitEntry] = []
        for (index, summary) in [
            access("a"), access("b", user: "bo", closesAt: 120), access("c", closesAt: 10, reviewDue: 20),
        ].enumerated() {
            var entry = try Sample.entry(at: Sample.now)
            entry.access = [AccessChange(summary: summary, events: [0])]
            if index == 1 { entry.access[0].summary.extends = "a" }
            entries.append(entry)
        }
        _ = try await store.commit(entries)
        func found(_ change: (inout AccessFilter) -> Void) async throws -> [String] {
            var filter = AccessFilter(limit: 10)
            change(&filter)
            return try await store.accessRecords(matching: filter).map(\.summary.id)
        }
        #expect(try await found { _ in } == ["c", "b", "a"])
        #expect(try await found { $0.user = "ana" } == ["c", "a"])
        #expect(try await found { $0.extends = "a" } == ["b"])
        // What is over and waits for its review is open too.
        #expect(try await found { $0.openAt = Sample.now.addingTimeInterval(60) } == ["c", "b"])
        #expect(try await found { $0.reviewDueBefore = Sample.now.addingTimeInterval(19) } == [])
        #expect(try await found { $0.reviewDueBefore = Sample.now.addingTimeInterval(20) } == ["c"])
        #expect(try await found { $0.rule = "other" } == [])
        #expect(try await found { $0.before = 3 } == ["b", "a"])
        #expect(try await found { $0.limit = 1 } == ["c"])
    }

    @Test func `one act revokes many certificates, found by their grant`() async throws {
        var issuing: [CommitEntry] = []
        for number in 1...3 {
            var entry = try Sample.entry(at: Sample.now)
            entry.certificate = Sample.certificate(serial: "\(number)")
            if number < 3 { entry.certificate?.grant = "a" }
            issuing.append(entry)
        }
        var ending = try Sample.entry(at: Sample.now)
        ending.revocations = ["1", "2"].map {
            Revocation(issuer: "SHA256:ca", serial: $0, time: Sample.now, reason: "done")
        }
        _ = try await store.commit(issuing + [ending])
        var filter = CertificateFilter(limit: 10)
        filter.grant = "a"
        let found = try await store.certificates(matching: filter)
        #expect(found.map(\.serial) == ["2", "1"])
        #expect(found.allSatisfy { $0.revokedAt == Sample.now && $0.grant == "a" })
        #expect(try await store.certificate(issuer: "SHA256:ca", serial: "3")?.revokedAt == nil)
    }

    @Test func `open sessions are listed by serial, in pages, of whom is asked for`() async throws {
        var entries: [CommitEntry] = []
        for (serial, user) in [("c", "ana"), ("a", "ana"), ("b", "bo"), ("d", "ana"), ("e", "ana")] {
            var entry = try Sample.entry(at: Sample.now)
            entry.session = Sample.session(serial: serial)
            entry.session?.user = user
            entries.append(entry)
        }
        var ending = try Sample.entry(at: Sample.now)
        ending.endedSessions = ["d"]
        _ = try await store.commit(entries + [ending])
        var filter = SessionFilter(openAt: Sample.now, limit: 2)
        filter.user = "ana"
        let first = try await store.openSessions(matching: filter)
        #expect(first.map(\.serial) == ["a", "c"])
        filter.after = first.last?.serial
        #expect(try await store.openSessions(matching: filter).map(\.serial) == ["e"])
        filter = SessionFilter(openAt: Sample.now, limit: 10)
        #expect(try await store.openSessions(matching: filter).map(\.serial) == ["a", "b", "c", "e"])
        filter.provider = "elsewhere"
        #expect(try await store.openSessions(matching: filter).isEmpty)
        filter = SessionFilter(openAt: Sample.session(serial: "a").expiresAt, limit: 10)
        #expect(try await store.openSessions(matching: filter).isEmpty)
    }

    @Test func `the sessions of a login are found by what its provider calls it`() async throws {
        let logins: [(serial: String, subject: String, id: String?)] = [
            ("a", "ana", "1"), ("b", "ana", "2"), ("c", "ana", nil), ("d", "bo", "3"), ("e", "bo", nil),
        ]
        let entries = try logins.map { login in
            var entry = try Sample.entry(at: Sample.now)
            entry.session = Sample.session(serial: login.serial)
            entry.session?.login = ProviderSession(subject: login.subject, id: login.id)
            return entry
        }
        var local = try Sample.entry(at: Sample.now)
        local.session = Sample.session(serial: "f")
        _ = try await store.commit(entries + [local])
        #expect(try await store.session(serial: "a")?.login == ProviderSession(subject: "ana", id: "1"))
        #expect(try await store.session(serial: "f")?.login == nil)
        func found(_ subject: String?, _ session: String?, after seconds: Double = 0) async throws -> [String] {
            var filter = SessionFilter(openAt: Sample.now, limit: 10)
            filter.login = EndedLogin(
                provider: "local", subject: subject, session: session, issuedAt: Sample.now.addingTimeInterval(seconds - 60),
                used: UsedChallenge(nonce: "x", expires: Sample.now))
            return try await store.openSessions(matching: filter).map(\.serial)
        }
        #expect(try await found("ana", nil) == ["a", "b", "c"])
        #expect(try await found(nil, "1") == ["a"])
        #expect(try await found("ana", "1") == ["a", "c"])
        #expect(try await found("bo", "1") == ["e"])
        #expect(try await found(nil, nil) == [])
        // What was opened since is another login, unless it has that name.
        #expect(try await found("ana", nil, after: -1) == [])
        #expect(try await found("ana", "1", after: -1) == ["a"])
    }

    @Test(
        arguments: [
            // Named: whenever it began.
            ("ana", "1", "ana", "1", 5.0, true), (nil, "1", "ana", "1", 5, true), ("ana", "1", "bo", "1", -5, false),
            ("ana", "1", "ana", "2", -5, false),
            // By the person, as far as it was before.
            ("ana", nil, "ana", "1", 0, true), ("ana", nil, "ana", "1", 1, false), ("ana", nil, "bo", "1", -5, false),
            ("ana", "1", "ana", nil, 0, true), ("ana", "1", "ana", nil, 1, false), (nil, "1", "ana", nil, -5, false),
        ] as [(String?, String?, String, String?, Double, Bool)])
    func `no session opens by a login that is over, while that is remembered`(
        _ subject: String?, _ session: String?, _ ofSubject: String, _ ofSession: String?, _ after: Double, _ isOver: Bool
    ) async throws {
        let ended = EndedLogin(
            provider: "local", subject: subject, session: session, issuedAt: Sample.now,
            used: UsedChallenge(nonce: "x", expires: Sample.now + 600))
        func opens(of provider: String = "local") async throws -> Bool {
            var entry = try Sample.entry(at: Sample.now)
            let login = ProviderSession(subject: ofSubject, id: ofSession, issuedAt: Sample.now + after)
            entry.preconditions = [.loginIsNotEnded(login, provider: provider)]
            let outcome = try await store.commit([entry])
            return try #require(outcome.first) != .refused(.loginEnded)
        }
        #expect(try await opens())
        #expect(try await store.remember(ended, usingUp: false))
        #expect(try await store.remember(ended, usingUp: false), "it was not used up yet")
        #expect(try await opens() == !isOver)
        #expect(try await opens(of: "other"))
        #expect(try await store.remember(ended, usingUp: true))
        #expect(try await !store.remember(ended, usingUp: false))
        #expect(try await store.logFrontier().size > 0)
        #expect(try await store.prune(before: Sample.now + 600, limit: 10) == 0)
        #expect(try await store.prune(before: Sample.now + 601, limit: 10) == 2)
        #expect(try await opens())
    }

    @Test func `a refresh token comes with its session, is due with its end, and changes for whoever is first`() async throws {
        func token(_ session: String, due seconds: Double) -> KeptRefreshToken {
            KeptRefreshToken(
                session: session, provider: "corp", sealed: [1, 2], dueAt: Sample.now + seconds,
                expiresAt: Sample.session(serial: session).expiresAt)
        }
        for (serial, due) in [("a", 60.0), ("b", 30.0), ("c", 90.0)] {
            var entry = try Sample.entry(at: Sample.now)
            entry.session = Sample.session(serial: serial)
            entry.session?.vouchedUntil = Sample.now + 120
            entry.refreshToken = token(serial, due: due)
            _ = try await store.commit([entry])
        }
        #expect(try await store.session(serial: "a")?.vouchedUntil == Sample.now + 120)
        #expect(try await store.refreshTokens(dueAt: Sample.now + 29, limit: 9) == [])
        #expect(try await store.refreshTokens(dueAt: Sample.now + 60, limit: 9) == [token("b", due: 30), token("a", due: 60)])
        #expect(try await store.refreshTokens(dueAt: Sample.now + 60, limit: 1).map(\.session) == ["b"])

        var next = token("a", due: 300)
        next.sealed = [3]
        let stored = try #require(try await store.replace(next, vouchedUntil: Sample.now + 400))
        #expect(stored.version == 1)
        #expect(try await store.replace(next, vouchedUntil: Sample.now + 900) == nil, "of two, one was quicker")
        #expect(try await store.session(serial: "a")?.vouchedUntil == Sample.now + 400)
        #expect(try await store.refreshTokens(dueAt: Sample.now + 300, limit: 9).last == stored)
        let same = try #require(try await store.replace(stored, vouchedUntil: nil))
        #expect(same.version == 2)
        #expect(try await store.session(serial: "a")?.vouchedUntil == Sample.now + 400)

        // Nobody vouched for it in time: it neither acts nor is listed as open.
        var late = try Sample.entry(at: Sample.now + 120)
        late.preconditions = [.sessionIsActive(serial: "b")]
        #expect(try await store.commit([late]) == [.refused(.sessionEnded)])
        #expect(
            try await store.openSessions(matching: SessionFilter(openAt: Sample.now + 120, limit: 9)).map(\.serial) == ["a"])

        var end = try Sample.entry(at: Sample.now + 130)
        end.endedSessions = ["a"]
        _ = try await store.commit([end])
        #expect(try await store.replace(same, vouchedUntil: Sample.now + 900) == nil)
        let over = try #require(try await store.refreshTokens(dueAt: Sample.now + 130, limit: 9).last)
        #expect(over.session == "a" && over.expiresAt == Sample.now + 130 && over.sealed == [3])
        // Ended twice, it is due no later.
        end = try Sample.entry(at: Sample.now + 140)
        end.endedSessions = ["a"]
        _ = try await store.commit([end])
        #expect(try await store.refreshTokens(dueAt: Sample.now + 130, limit: 9).last == over)
        var again = try Sample.entry(at: Sample.now + 140)
        again.preconditions = [.sessionIsNotEnded(serial: "a")]
        #expect(try await store.commit([again]) == [.refused(.sessionEnded)])
        again.preconditions = [.sessionIsNotEnded(serial: "b")]
        #expect(try await store.commit([again]).first?.isCommitted == true, "nobody vouches for it, and nobody has ended it")

        try await store.forgetRefreshToken(ofSession: "a")
        #expect(try await store.refreshTokens(dueAt: Sample.now + 900, limit: 9).map(\.session) == ["b", "c"])
        #expect(try await store.forgetRefreshTokens(exceptOf: ["corp", "other"]) == 0)
        #expect(try await store.forgetRefreshTokens(exceptOf: ["other"]) == 2)
        #expect(try await store.refreshTokens(dueAt: Sample.now + 900, limit: 9) == [])
    }

    @Test func `a login is shared by the sessions it opened, as long as they are kept a token for`() async throws {
        // By session: the provider's name for the login, and when it is over.
        let logins = [("a", "x", 60.0), ("b", "x", 90), ("c", nil, 90), ("d", nil, 90), ("e", "y", 90)]
        for (serial, login, end) in logins {
            var entry = try Sample.entry(at: Sample.now)
            entry.session = Sample.session(serial: serial)
            entry.session?.login = ProviderSession(subject: "7", id: login)
            entry.refreshToken = KeptRefreshToken(
                session: serial, provider: "local", sealed: [1], dueAt: Sample.now + end, expiresAt: Sample.now + end)
            _ = try await store.commit([entry])
        }
        func sharing(at second: Double) async throws -> [String] {
            var found: [String] = []
            for (serial, _, _) in logins {
                if try await store.sharesLogin(ofSession: serial, at: Sample.now + second) { found.append(serial) }
            }
            return found
        }
        #expect(try await sharing(at: 0) == ["a", "b"])
        #expect(try await sharing(at: 60) == ["a"])
        try await store.forgetRefreshToken(ofSession: "b")
        #expect(try await sharing(at: 0) == ["b"])
    }

    @Test func `of two uses of a session the later one stays, until it is pruned`() async throws {
        let early = LastUse(session: "ab", time: Sample.now, address: "10.0.0.1", expires: Sample.now + 100)
        let late = LastUse(session: "ab", time: Sample.now + 60, address: nil, expires: Sample.now + 100)
        #expect(try await store.lastUse(ofSession: "ab") == nil)
        try await store.record([early])
        #expect(try await store.lastUse(ofSession: "ab") == early)
        try await store.record([late])
        try await store.record([early])
        #expect(try await store.lastUse(ofSession: "ab") == late)
        #expect(try await store.logFrontier().size == 0)
        #expect(try await store.prune(before: Sample.now + 100, limit: 10) == 0)
        #expect(try await store.prune(before: Sample.now + 101, limit: 10) == 1)
        #expect(try await store.lastUse(ofSession: "ab") == nil)
    }

    @Test func `pruning deletes what expired before, and certificates never`() async throws {
        var entry = try Sample.entry(at: Sample.now)
        entry.session = Sample.session(serial: "ab")
        entry.certificate = Sample.certificate(serial: "1")
        entry.usedChallenge = UsedChallenge(nonce: "n", expires: Sample.now.addingTimeInterval(120))
        _ = try await store.commit([entry])
        #expect(try await store.prune(before: Sample.now, limit: 10) == 0)
        #expect(try await store.prune(before: Sample.now.addingTimeInterval(1_000_000), limit: 10) == 2)
        #expect(try await store.session(serial: "ab") == nil)
        #expect(try await store.certificate(issuer: "SHA256:ca", serial: "1") != nil)
    }
}
