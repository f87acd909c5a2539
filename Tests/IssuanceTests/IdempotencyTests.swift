// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Testing

@testable import Issuance

/// A caller who lost a reply may ask again.
@Suite struct IdempotencyTests {
    @Test func `the same key and request give the same certificate, recorded once`() async throws {
        let ca = try await TestCA()
        let first = try await ca.issued(.ssh(), to: Person.ana.caller(key: "k"))
        ca.clock.advance(30)
        let second = try await ca.issued(.ssh(), to: Person.ana.caller(key: "k"))
        #expect(second.certificate == first.certificate)
        #expect(try await ca.certificates().count == 1)
        #expect(try await ca.events().count == 1)
    }

    @Test func `the repeated reply says again what was narrowed`() async throws {
        let ca = try await TestCA()
        var narrowed: [[String]?] = []
        for _ in 0..<2 {
            narrowed.append(
                try await ca.authority.issue(
                    .ssh(lifetime: .seconds(100 * 86_400)), for: Person.ana.caller(key: "k")
                ).narrowed)
        }
        #expect(narrowed[0]?.isEmpty == false)
        #expect(narrowed[1] == narrowed[0])
    }

    @Test func `the same key for another request is refused`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh(), to: Person.ana.caller(key: "k"))
        await #expect(throws: AuthorityError.idempotencyKeyReused) {
            try await ca.authority.issue(.x509(), for: Person.ana.caller(key: "k", body: "another request"))
        }
        #expect(try await ca.certificates().count == 1)
    }

    @Test func `another person's key is another key`() async throws {
        let ca = try await TestCA()
        let first = try await ca.issued(.ssh(), to: Person.ana.caller(key: "k"))
        let second = try await ca.issued(.ssh(), to: Person.bo.caller(key: "k"))
        #expect(second.user == Person.bo.name)
        #expect(second.serial != first.serial)
    }

    @Test func `calls without a key are separate`() async throws {
        let ca = try await TestCA()
        #expect(try await ca.issued(.ssh()).serial != ca.issued(.ssh()).serial)
    }

    @Test func `the same call many times at once gives one certificate`() async throws {
        let ca = try await TestCA()
        let request = try IssuanceRequest.ssh()
        let results = await concurrently(40) { _ in
            try await ca.authority.issue(request, for: Person.ana.caller(key: "k")).record?.certificate
        }
        let certificates = try results.map { try $0.get() }
        #expect(Set(certificates).count == 1)
        let records = try await ca.certificates()
        #expect(records.map(\.certificate) == [try #require(certificates.first ?? nil)])
        #expect(try await ca.events().count == 1)
    }

    @Test func `one key for two requests at once gives one certificate and one refusal`() async throws {
        let ca = try await TestCA()
        let results = await concurrently(2) { number in
            try await ca.authority.issue(.ssh(), for: Person.ana.caller(key: "k", body: "request \(number)"))
        }
        #expect(results.count { (try? $0.get())?.record != nil } == 1)
        let failures = results.compactMap { result in
            if case .failure(let error) = result { error as? AuthorityError } else { nil }
        }
        #expect(failures == [.idempotencyKeyReused])
        #expect(try await ca.certificates().count == 1)
    }

    @Test func `a reply whose certificate was revoked since is not given again`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.ssh(), to: Person.ana.caller(key: "k"))
        _ = try await ca.authority.revoke(
            RevocationOrder(.serial(record.serial, kind: .ssh), reason: "lost"), by: Person.ana.caller())
        await #expect(throws: AuthorityError.replyNoLongerValid(serial: record.serial)) {
            try await ca.authority.issue(.ssh(), for: Person.ana.caller(key: "k"))
        }
    }

    @Test func `a reply whose certificate has expired since is not given again`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.ssh(), to: Person.ana.caller(key: "k"))
        ca.clock.advance(599.5)
        #expect(try await ca.issued(.ssh(), to: Person.ana.caller(key: "k")).serial == record.serial)
        ca.clock.advance(0.25)
        await #expect(throws: AuthorityError.replyNoLongerValid(serial: record.serial)) {
            try await ca.authority.issue(.ssh(), for: Person.ana.caller(key: "k"))
        }
    }

    @Test func `a denial is decided again each time`() async throws {
        let ca = try await TestCA()
        for _ in 0..<2 {
            #expect(try await ca.authority.issue(.ssh(), for: Person.cy.caller(key: "k")).denial != nil)
        }
        #expect(try await ca.events().map(\.type) == [.certificateDenied, .certificateDenied])
    }

    @Test(arguments: [
        ("k", true), (String(repeating: "k", count: 255), true), (String(repeating: "k", count: 256), false), ("", false),
        ("two words", false), ("tab\t", false), ("é", false),
    ])
    func `keys are printable and short`(key: String, isValid: Bool) {
        #expect(IdempotencyKey.isValid(key) == isValid)
    }
}
