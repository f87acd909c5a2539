// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import SSHCertificates
import ServiceAPI
import Testing

@testable import Issuance

/// A token lets one host in, once, and only the host it is for.
@Suite struct HostEnrolmentTests {
    @Test func `a host that shows a token gets a certificate for its name and key`() async throws {
        let ca = try await TestCA()
        let host = try TestHost()
        let token = try await ca.token()
        let record = try await ca.enrolled(try host.enrolment(token, at: ca))
        let certificate = try SSHCertificate(parsing: record.certificate)
        #expect(certificate.contents.kind == .host)
        #expect(certificate.contents.publicKey == host.publicKey)
        #expect(certificate.contents.principals.names == ["web1.example.com"])
        #expect(record.validBefore == TestCA.start + 86_400)
        let known = try #require(try await ca.store.host(named: "web1.example.com"))
        #expect(known.publicKey == host.publicKey.fingerprint)
        #expect(known.zones == ["web"])
        #expect(known.certificate.serial == record.serial)

        let events = try await ca.events()
        #expect(events.map(\.type) == [.tokenCreated, .certificateIssued])
        #expect(events[0].actor?.user == Person.root.name)
        #expect(events[1].actor?.provider == "hosts")
        #expect(events[0].message == "token \(known.token)")
        #expect(events[1].actor?.claims?["token"] == .string(known.token))
        #expect(events[1].decision?.rule == "hosts-look-after-themselves")
        let text = try await ca.store.logLeaves(from: 0, limit: 100).map { String(decoding: $0, as: UTF8.self) }
        #expect(!text.joined().contains(token))
    }

    struct Misuse: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: EnrolmentRefusal
        /// - Returns: a request with a token for `web1.example.com` and role `web-host` that is not to be accepted.
        let request: @Sendable (TestCA, String) async throws -> HostEnrolmentRequest
    }

    static let misuses = [
        Misuse(testDescription: "used by another key", refusal: .tokenUsed) { ca, token in
            _ = try await ca.enrolled(try TestHost().enrolment(token, at: ca))
            return try TestHost().enrolment(token, at: ca)
        },
        Misuse(testDescription: "expired", refusal: .tokenExpired) { ca, token in
            ca.clock.advance(3600)
            return try TestHost().enrolment(token, at: ca)
        },
        Misuse(testDescription: "for another host", refusal: .tokenForOtherName("web2.example.com")) { ca, token in
            try TestHost("web2.example.com").enrolment(token, at: ca)
        },
        Misuse(testDescription: "for another role", refusal: .tokenForOtherRole("db-host")) { ca, token in
            try TestHost().enrolment(token, role: "db-host", at: ca)
        },
        Misuse(testDescription: "forged", refusal: .tokenUnknown) { ca, token in
            try TestHost().enrolment(String(token.dropLast()) + (token.hasSuffix("A") ? "B" : "A"), at: ca)
        },
        Misuse(testDescription: "not a token", refusal: .tokenUnknown) { ca, _ in
            try TestHost().enrolment(String(repeating: "x", count: 100_000), at: ca)
        },
        Misuse(testDescription: "with the signature of another key", refusal: .signatureInvalid) { ca, token in
            var request = try TestHost().enrolment(token, at: ca)
            request.publicKey = try TestHost().publicKey.authorizedKey()
            return request
        },
        Misuse(testDescription: "with a signature for another name", refusal: .signatureInvalid) { ca, token in
            var request = try TestHost("web2.example.com").enrolment(token, at: ca)
            request.host = "web1.example.com"
            return request
        },
        Misuse(testDescription: "with a signature for another server", refusal: .signatureInvalid) { ca, token in
            let host = try TestHost()
            var request = try host.enrolment(token, at: ca)
            request.proof = try host.proof(
                of: .enrolment(token: digest(Array(token.utf8)), role: "web-host", host: host.name), for: ca,
                service: "SHA256:another")
            return request
        },
        Misuse(testDescription: "with a signature for another purpose", refusal: .signatureInvalid) { ca, token in
            let host = try TestHost()
            var request = try host.enrolment(token, at: ca)
            request.proof = try host.proof(
                of: .enrolment(token: digest(Array(token.utf8)), role: "web-host", host: host.name), for: ca,
                namespace: "file")
            return request
        },
        Misuse(testDescription: "with an old signature", refusal: .clockDiffers(-301)) { ca, token in
            let request = try TestHost().enrolment(token, at: ca)
            ca.clock.advance(301)
            return request
        },
        Misuse(testDescription: "with a signature of the end of time", refusal: .clockDiffers(3_200_000_000)) { ca, token in
            let host = try TestHost()
            var request = try host.enrolment(token, at: ca)
            request.proof = try host.proof(
                of: .enrolment(token: digest(Array(token.utf8)), role: "web-host", host: host.name), for: ca,
                at: Date(timeIntervalSince1970: 9e18))
            return request
        },
    ]

    @Test(arguments: misuses)
    func `a misused token gives nothing, and is not used up by it`(_ misuse: Misuse) async throws {
        let ca = try await TestCA()
        let token = try await ca.token()
        let request = try await misuse.request(ca, token)
        let before = try await ca.certificates().count
        await #expect(throws: misuse.refusal) { try await ca.enrolled(request) }
        #expect(try await ca.certificates().count == before)
        let isStillGood = ![.tokenUsed, .tokenExpired].contains(misuse.refusal)
        if isStillGood {
            let host = try TestHost()
            #expect(try await ca.enrolled(host.enrolment(token, at: ca)).publicKey == host.publicKey.fingerprint)
        }
    }

    @Test func `of many hosts with one token at once, one is let in`() async throws {
        let ca = try await TestCA()
        let token = try await ca.token(hosts: "web*.example.com")
        let requests = try (0..<20).map { try TestHost("web\($0).example.com").enrolment(token, at: ca) }
        let results = await concurrently(20) { try await ca.enrolled(requests[$0]) }
        #expect(results.count { if case .success = $0 { true } else { false } } == 1)
        let refusals = results.compactMap { if case .failure(let error) = $0 { error as? EnrolmentRefusal } else { nil } }
        #expect(refusals == Array(repeating: .tokenUsed, count: 19))
        #expect(try await ca.certificates().count == 1)
        #expect(try await ca.authority.hosts(after: nil, limit: 100).count == 1)
    }

    @Test func `a host whose reply was lost gets the same certificate again`() async throws {
        let ca = try await TestCA()
        let host = try TestHost()
        let token = try await ca.token()
        let first = try await ca.enrolled(host.enrolment(token, at: ca))
        let second = try await ca.enrolled(host.enrolment(token, at: ca))
        #expect(first.certificate == second.certificate)
        #expect(try await ca.certificates().count == 1)

        let requests = try (0..<8).map { _ in try host.enrolment(token, at: ca) }
        for result in await concurrently(8, { try await ca.enrolled(requests[$0]) }) {
            #expect(try result.get().certificate == first.certificate)
        }
    }

    @Test func `a certificate that was revoked does not come again`() async throws {
        let ca = try await TestCA()
        let host = try TestHost()
        let token = try await ca.token()
        let record = try await ca.enrolled(host.enrolment(token, at: ca))
        _ = try await ca.authority.revoke(
            RevocationOrder(.serial(record.serial, kind: .sshHost), reason: "x"), by: Person.root.caller())
        await #expect(throws: EnrolmentRefusal.tokenUsed) { try await ca.enrolled(host.enrolment(token, at: ca)) }
    }

    @Test func `a failed commit leaves the token as it was`() async throws {
        let ca = try await TestCA()
        let host = try TestHost()
        let token = try await ca.token()
        ca.store.disturbOnce { _ in throw DiskFailure() }
        await #expect(throws: DiskFailure()) { try await ca.enrolled(host.enrolment(token, at: ca)) }
        #expect(try await ca.certificates().isEmpty)
        _ = try await ca.enrolled(host.enrolment(token, at: ca))
    }

    @Test func `the policy decides, and a refusal does not use up the token`() async throws {
        let ca = try await TestCA()
        let token = try await ca.token(hosts: "*.example.com")
        let outside = try TestHost("db1.example.com")
        await #expect(throws: DeniedError.self) { try await ca.enrolled(outside.enrolment(token, at: ca)) }
        let event = try #require(try await ca.events().last)
        #expect(event.type == .certificateDenied)
        #expect(event.actor?.claims?["host"] == .string("db1.example.com"))
        _ = try await ca.enrolled(TestHost("web7.example.com").enrolment(token, at: ca))
    }

    @Test func `a token for a pattern does not take the name of an enrolled host, one for the name does`() async throws {
        let ca = try await TestCA()
        _ = try await ca.enrolled(TestHost().enrolment(try await ca.token(), at: ca))
        let pattern = try await ca.token(hosts: "web*.example.com")
        await #expect(throws: EnrolmentRefusal.nameTaken("web1.example.com")) {
            try await ca.enrolled(TestHost().enrolment(pattern, at: ca))
        }
        let reinstalled = try TestHost()
        _ = try await ca.enrolled(reinstalled.enrolment(try await ca.token(), at: ca))
        #expect(try await ca.store.host(named: "web1.example.com")?.publicKey == reinstalled.publicKey.fingerprint)
    }

    @Test(arguments: ["shell", "nothing", "gatekeeper"])
    func `a role without host certificates has no tokens`(_ role: String) async throws {
        let ca = try await TestCA()
        await #expect(throws: AuthorityError.noHostRole(role)) { try await ca.token(role: role) }
    }

    @Test(arguments: [Duration.zero, .seconds(-1), .milliseconds(10), .seconds(31 * 86_400)])
    func `a token lives between a second and a month`(_ lifetime: Duration) async throws {
        let ca = try await TestCA()
        await #expect(throws: AuthorityError.tokenLifetime(longest: .seconds(30 * 86_400))) {
            try await ca.token(lifetime: lifetime)
        }
    }

    @Test func `every token is another, and the store cannot tell any`() async throws {
        let ca = try await TestCA()
        var seen: Set<String> = []
        for _ in 0..<50 { seen.insert(try await ca.token()) }
        #expect(seen.count == 50)
        for text in seen { #expect(text.utf8.count == 56) }
    }
}
