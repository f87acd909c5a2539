// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import Storage
import Testing

@testable import Issuance

extension EdgeCaseTests {
    @Suite("the server dies between log and reply") struct Crashes {
        @Test(arguments: [true, false])
        func `a claim whose reply was lost is answered again with the same certificate`(isWritten: Bool) async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            ca.store.disturbOnce { [base = ca.store.base] entries in
                if isWritten { _ = try await base.commit(entries) }
                throw DiskFailure()
            }
            let request = try IssuanceRequest(
                role: "shell", subject: .ssh(try .new(), logins: nil, host: nil), lifetime: nil, reason: nil)
            await #expect(throws: DiskFailure()) { try await ca.authority.issue(request, for: ca.caller(.ana, key: "k")) }
            #expect(try await ca.status(id) == (isWritten ? .active : .approved))
            ca.clock.advance(10)
            // By another server, too.
            let again = try #require(
                try await ca.anotherAuthority().issue(request, for: ca.caller(.ana, key: "k")).record)
            let all = try await ca.certificates(of: id)
            #expect(all.map(\.serial) == [again.serial])
            #expect(try await ca.history(id).claim?.until == TestCA.start + (isWritten ? 7200 : 7210))
        }

        @Test func `a claim that cannot be recorded starts no clock`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            ca.store.disturbOnce { _ in throw DiskFailure() }
            await #expect(throws: DiskFailure()) { try await ca.take() }
            #expect(try await ca.status(id) == .approved)
            #expect(try await ca.certificates(of: id).isEmpty)
            #expect(try await ca.take().record != nil)
        }
    }

    @Suite("a grant is ended while it is used") struct EndedMeanwhile {
        @Test func `a grant that is taken away while a certificate is signed gives none`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            _ = try await ca.take()
            let other = try ca.anotherAuthority()
            ca.store.disturbOnce { _ in _ = try await other.revokeGrant(id, note: "now", by: ca.caller(.lea)) }
            #expect(try await ca.reasons() == [])
            #expect(try await ca.certificates(of: id).map { $0.revokedAt != nil } == [true])
        }

        @Test func `however many are taken while it is ended, none is left`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            let results = await concurrently(30) { number in
                if number == 15 { _ = try await ca.authority.endGrant(id, by: ca.caller(.ana)) }
                return try await ca.take().record != nil
            }
            #expect(!results.isEmpty)
            // Where it was ended before the first certificate, that was refused, and it is ended now.
            if try await ca.status(id) == .active { _ = try await ca.authority.endGrant(id, by: ca.caller(.ana)) }
            if try await ca.status(id) == .ended {
                #expect(try await ca.certificates(of: id).allSatisfy { $0.revokedAt != nil })
            }
            #expect(try await ca.take().record == nil)
        }
    }

    @Suite("a grant is extended") struct Extensions {
        @Test func `an extension is a request of its own, and goes on where the grant ends`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask(host: "web1.example.com", duration: .seconds(1800))
            await #expect(throws: AccessError.notExtendable(.pending)) { try await ca.extend(id, by: 1800) }
            try await ca.approve(id)
            _ = try await ca.take()
            ca.clock.advance(1200)
            let next = try await ca.extend(id, by: 1800)
            #expect(try await ca.history(next).request.extends == id)
            #expect(try await ca.history(next).request.host == "web1.example.com")
            await #expect(throws: AccessError.alreadyExtended(by: next)) { try await ca.extend(id, by: 1800) }
            #expect(try await ca.approve(next, by: .leo) == .scheduled)
            // Until then the grant before it is used, and not a second longer.
            #expect(try await ca.take().record?.grant == id)
            ca.clock.advance(600)
            let record = try #require(try await ca.take().record)
            #expect(record.grant == next)
            #expect(try await ca.history(next).claim?.until == TestCA.start + 1800 + 1800)
        }

        @Test func `a grant that is taken away takes along what goes on from it`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask(duration: .seconds(1800))
            try await ca.approve(id)
            _ = try await ca.take()
            let next = try await ca.extend(id, by: 1800)
            try await ca.approve(next)
            _ = try await ca.authority.revokeGrant(id, note: "over", by: ca.caller(.lea))
            #expect(try await ca.status(next) == .revoked)

            let other = try await ca.ask(duration: .seconds(1800))
            try await ca.approve(other)
            _ = try await ca.take()
            let pending = try await ca.extend(other, by: 1800)
            _ = try await ca.authority.endGrant(other, by: ca.caller(.ana))
            #expect(try await ca.status(pending) == .cancelled)
        }

        /// Half an hour of Ana's, in use.
        private func grant(at ca: TestCA) async throws -> String {
            let id = try await ca.ask(duration: .seconds(1800))
            try await ca.approve(id)
            _ = try #require(try await ca.take().record)
            return id
        }

        @Test(arguments: [true, false])
        func `a grant that ends while it is extended is not extended`(isRevoked: Bool) async throws {
            let ca = try await TestCA.access()
            let id = try await grant(at: ca)
            let other = try ca.anotherAuthority()
            ca.store.disturbOnce { _ in
                _ =
                    isRevoked
                    ? try await other.denyAccess(id, note: "over", by: ca.caller(.lea))
                    : try await other.endGrant(id, by: ca.caller(.ana))
            }
            await #expect(throws: AccessError.notExtendable(isRevoked ? .revoked : .ended)) { try await ca.extend(id) }
            #expect(try await ca.events().count { $0.type == .accessRequested } == 1)
        }

        @Test(arguments: [true, false])
        func `a grant that is extended while it ends takes the extension along`(isRevoked: Bool) async throws {
            let ca = try await TestCA.access()
            let id = try await grant(at: ca)
            let other = try ca.anotherAuthority()
            ca.store.disturbOnce { _ in _ = try await ca.extend(id, through: other) }
            _ =
                isRevoked
                ? try await ca.authority.denyAccess(id, note: "over", by: ca.caller(.lea))
                : try await ca.authority.endGrant(id, by: ca.caller(.ana))
            let next = try #require(try await extensions(of: id, at: ca).first)
            #expect(try await ca.status(next) == .cancelled)
        }

        @Test func `a grant that is extended twice at once is extended once`() async throws {
            let ca = try await TestCA.access()
            let id = try await grant(at: ca)
            let other = try ca.anotherAuthority()
            ca.store.disturbOnce { _ in _ = try await ca.extend(id, through: other) }
            await #expect {
                try await ca.extend(id)
            } throws: { error in
                if case .alreadyExtended = error as? AccessError { true } else { false }
            }
            #expect(try await extensions(of: id, at: ca).count == 1)
            // What is extended is as it was, and has one event more.
            #expect(try await ca.status(id) == .active)
            #expect(try await ca.authority.accessCase(id).record.version == 4)
        }

        /// As an earlier version could leave it.
        @Test func `what goes on from a grant that was taken away is not claimed, however far away that was`() async throws {
            let ca = try await TestCA.access()
            let first = try await grant(at: ca)
            let second = try await ca.extend(first, by: 600)
            try await ca.approve(second)
            ca.clock.advance(1800)
            _ = try #require(try await ca.take().record)
            let third = try await ca.extend(second, by: 600)
            try await ca.approve(third)
            ca.clock.advance(600 - 60)
            try await ca.write(.accessRevoked, on: second, by: .lea)
            ca.clock.advance(60)
            #expect(try await ca.status(third) == .approved)
            let why = "`\(third)`: what it goes on from, `\(second)`, was revoked before its time"
            #expect(try await ca.reasons() == [why])
            #expect(try await ca.certificates(of: third).isEmpty)
        }

        private func extensions(of id: String, at ca: TestCA) async throws -> [String] {
            var filter = AccessFilter(limit: 10)
            filter.extends = id
            return try await ca.store.accessRecords(matching: filter).map(\.summary.id)
        }
    }
}
