// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import ServiceAPI
import Testing

@testable import Issuance

/// A token lets one machine in, once, and only under the names it is for.
@Suite struct MachineEnrolmentTests {
    private func authority() async throws -> TestCA { try await TestCA(policy: TestCA.machinePolicy) }

    @Test func `a machine that shows a token gets a certificate for its names and key`() async throws {
        let ca = try await authority()
        let machine = TestMachine("web1.example.com", "web2.example.com")
        let token = try await ca.machineToken(names: ["web1.example.com", "web*.example.com"])
        let record = try await ca.enrolled(machine.enrolment(token))
        #expect(record.kind == .x509)
        #expect(record.names == ["DNS:web1.example.com", "DNS:web2.example.com"])
        let publicKey = try machine.publicKey
        #expect(record.publicKey == publicKey)
        #expect(record.validBefore == TestCA.start + 86_400)
        let id = try #require(record.enrolment)
        #expect(try await ca.certificates().first?.enrolment == id)

        let events = try await ca.events()
        #expect(events.map(\.type) == [.tokenCreated, .certificateIssued])
        #expect(events[0].request?.names == ["DNS:web1.example.com", "DNS:web*.example.com"])
        #expect(events[0].message == "token \(id)")
        #expect(events[1].actor?.provider == "machines")
        let claims: [String: AuditClaim] = [
            "name": .list([.string("web1.example.com"), .string("web2.example.com")]), "proof": .string("token"),
            "token": .string(id),
        ]
        #expect(events[1].actor?.claims == claims)
        #expect(events[1].decision?.rule == "machines-look-after-themselves")
        let text = try await ca.store.logLeaves(from: 0, limit: 100).map { String(decoding: $0, as: UTF8.self) }
        #expect(!text.joined().contains(token))
    }

    private func id(ofToken text: String) throws -> String {
        String(try #require(EnrolmentToken.digest(ofText: text)).hexadecimal.prefix(16))
    }

    @Test func `a token that nobody used is cancelled, and taken no more`() async throws {
        let ca = try await authority()
        let text = try await ca.machineToken()
        let id = try id(ofToken: text)
        let root = Person.root.caller()
        #expect(try await ca.authority.cancelEnrolmentToken(id, reason: "mailed to a list", by: root).id == id)
        let event = try #require(try await ca.events().last)
        #expect(event.type == .tokenCancelled && event.message == "token \(id)" && event.actor?.user == root.identity.user)
        #expect(event.request?.names == ["DNS:web1.example.com"] && event.request?.reason == "mailed to a list")

        await #expect(throws: EnrolmentRefusal.tokenUnknown) { try await ca.enrolled(TestMachine().enrolment(text)) }
        await #expect(throws: AuthorityError.tokenNotFound(id: id)) {
            try await ca.authority.cancelEnrolmentToken(id, reason: "again", by: root)
        }
    }

    @Test func `what was used, has expired or never was is not cancelled`() async throws {
        let ca = try await authority()
        let (used, late) = (try await ca.machineToken(), try await ca.machineToken())
        _ = try await ca.enrolled(TestMachine().enrolment(used))
        ca.clock.advance(3600)
        let events = try await ca.events().count
        let root = Person.root.caller()
        let usedID = try id(ofToken: used)
        await #expect(throws: AuthorityError.tokenUsedAlready(id: usedID)) {
            try await ca.authority.cancelEnrolmentToken(usedID, reason: "lost", by: root)
        }
        let lateID = try id(ofToken: late)
        for id in [lateID, "", "zz", "0", "+" + lateID.dropFirst(), lateID.uppercased() + "0"] {
            await #expect(throws: AuthorityError.tokenNotFound(id: id)) {
                try await ca.authority.cancelEnrolmentToken(id, reason: "lost", by: root)
            }
        }
        #expect(try await ca.events().count == events)
    }

    struct Misuse: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: EnrolmentRefusal
        /// - Returns: a request with a token for `web1.example.com` and role `web-server` that is not to be accepted.
        let request: @Sendable (TestCA, String) async throws -> MachineEnrolmentRequest
    }

    static let misuses = [
        Misuse(testDescription: "used by another key", refusal: .tokenUsed) { ca, token in
            _ = try await ca.enrolled(TestMachine().enrolment(token))
            return try TestMachine().enrolment(token)
        },
        Misuse(testDescription: "expired", refusal: .tokenExpired) { ca, token in
            ca.clock.advance(3600)
            return try TestMachine().enrolment(token)
        },
        Misuse(testDescription: "for another name", refusal: .tokenForOtherName("web2.example.com")) { _, token in
            try TestMachine("web2.example.com").enrolment(token)
        },
        Misuse(testDescription: "for a name beside its own", refusal: .tokenForOtherName("web2.example.com")) { _, token in
            try TestMachine("web1.example.com", "web2.example.com").enrolment(token)
        },
        Misuse(testDescription: "for no name", refusal: .noName) { _, token in
            MachineEnrolmentRequest(token: token, role: "web-server", csr: try TestMachine().csr(dns: []))
        },
        Misuse(testDescription: "for an address of e-mail beside its name", refusal: .noName) { _, token in
            var machine = TestMachine()
            machine.names.append((0x81, "root@example.com"))
            return try machine.enrolment(token)
        },
        Misuse(testDescription: "for a URI beside its name", refusal: .noName) { _, token in
            var machine = TestMachine()
            machine.names.append((0x86, "spiffe://example.com/web"))
            return try machine.enrolment(token)
        },
        Misuse(testDescription: "for another role", refusal: .tokenForOtherRole("client")) { _, token in
            try TestMachine().enrolment(token, role: "client")
        },
        Misuse(testDescription: "forged", refusal: .tokenUnknown) { _, token in
            try TestMachine().enrolment(String(token.dropLast()) + (token.hasSuffix("A") ? "B" : "A"))
        },
        Misuse(testDescription: "not a token", refusal: .tokenUnknown) { _, _ in
            try TestMachine().enrolment(String(repeating: "x", count: 100_000))
        },
        Misuse(testDescription: "of a host", refusal: .tokenForOtherKind) { ca, _ in
            try TestMachine().enrolment(try await ca.token(), role: "web-host")
        },
    ]

    @Test(arguments: misuses)
    func `a misused token gives nothing, and is not used up by it`(_ misuse: Misuse) async throws {
        let ca = try await authority()
        let token = try await ca.machineToken()
        let request = try await misuse.request(ca, token)
        let before = try await ca.certificates().count
        await #expect(throws: misuse.refusal) { try await ca.enrolled(request) }
        #expect(try await ca.certificates().count == before)
        if ![.tokenUsed, .tokenExpired].contains(misuse.refusal) {
            #expect(try await ca.enrolled(TestMachine().enrolment(token)).names == ["DNS:web1.example.com"])
        }
    }

    @Test func `a token of a machine lets no host in`() async throws {
        let ca = try await authority()
        let token = try await ca.machineToken()
        let host = try TestHost()
        await #expect(throws: EnrolmentRefusal.tokenForOtherKind) {
            try await ca.enrolled(host.enrolment(token, role: "web-server", at: ca))
        }
    }

    @Test func `a token that the policy refuses is not used up`() async throws {
        let ca = try await authority()
        let token = try await ca.machineToken()
        let denying = TestCA.machinePolicy.replacing(
            "deny:\n",
            with:
                "deny:\n  - {id: web1-keeps-out, who: {provider: machines, claims: {name: web1.example.com}}, roles: [web-server]}\n"
        )
        try await ca.authority.replacePolicies(with: TestCA.policySet(denying), from: nil)
        await #expect(throws: DeniedError.self) { try await ca.enrolled(TestMachine().enrolment(token)) }
        #expect(try await ca.events().last?.decision?.rule == "web1-keeps-out")
        try await ca.authority.replacePolicies(with: TestCA.policySet(TestCA.machinePolicy), from: nil)
        _ = try await ca.enrolled(TestMachine().enrolment(token))
    }

    @Test func `of many machines with one token at once, one is let in`() async throws {
        let ca = try await authority()
        let token = try await ca.machineToken(names: ["web*.example.com"])
        let requests = try (0..<20).map { try TestMachine("web\($0).example.com").enrolment(token) }
        let results = await concurrently(20) { try await ca.enrolled(requests[$0]) }
        #expect(results.count { if case .success = $0 { true } else { false } } == 1)
        let refusals = results.compactMap { if case .failure(let error) = $0 { error as? EnrolmentRefusal } else { nil } }
        #expect(refusals == Array(repeating: .tokenUsed, count: 19))
        #expect(try await ca.certificates().count == 1)
    }

    @Test func `a machine whose reply was lost gets the same certificate again, as long as it is good`() async throws {
        let ca = try await authority()
        let machine = TestMachine()
        let token = try await ca.machineToken()
        let first = try await ca.enrolled(machine.enrolment(token))
        let requests = try (0..<8).map { _ in try machine.enrolment(token) }
        for result in await concurrently(8, { try await ca.enrolled(requests[$0]) }) {
            #expect(try result.get().certificate == first.certificate)
        }
        #expect(try await ca.certificates().count == 1)
        _ = try await ca.authority.revoke(
            RevocationOrder(.serial(first.serial, kind: .x509), reason: "x"), by: Person.root.caller())
        await #expect(throws: EnrolmentRefusal.tokenUsed) { try await ca.enrolled(machine.enrolment(token)) }
    }

    @Test func `tokens are for roles that give certificates, and for some names`() async throws {
        let ca = try await authority()
        for role in ["web-host", "revoker", "nobody"] {
            await #expect(throws: AuthorityError.noMachineRole(role)) { try await ca.machineToken(role: role) }
        }
        for names in [[], (0..<17).map { "web\($0).example.com" }] {
            await #expect(throws: AuthorityError.tokenNames(most: 16)) { try await ca.machineToken(names: names) }
        }
        #expect(try await ca.events().isEmpty)
    }
}
