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
            await #expect(throws: AccessError.notExtendable(.pending)) { try await extend(id, at: ca) }
            try await ca.approve(id)
            _ = try await ca.take()
            ca.clock.advance(1200)
            let next = try await extend(id, at: ca)
            #expect(try await ca.history(next).request.extends == id)
            #expect(try await ca.history(next).request.host == "web1.example.com")
            await #expect(throws: AccessError.alreadyExtended(by: next)) { try await extend(id, at: ca) }
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
            let next = try await extend(id, at: ca)
            try await ca.approve(next)
            _ = try await ca.authority.revokeGrant(id, note: "over", by: ca.caller(.lea))
            #expect(try await ca.status(next) == .revoked)

            let other = try await ca.ask(duration: .seconds(1800))
            try await ca.approve(other)
            _ = try await ca.take()
            let pending = try await extend(other, at: ca)
            _ = try await ca.authority.endGrant(other, by: ca.caller(.ana))
            #expect(try await ca.status(pending) == .cancelled)
        }

        private func extend(_ id: String, at ca: TestCA) async throws -> String {
            try await ca.authority.requestExtension(
                of: id, duration: .seconds(1800), reason: "INC-1 goes on", for: ca.caller(.ana)
            ).history.request.id
        }
    }
}
