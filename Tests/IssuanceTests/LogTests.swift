// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Crypto
import Foundation
import Keys
import Policies
import Testing
import X509Certificates

@testable import Issuance

/// What the authority writes into the log, and that it can be proven.
@Suite struct LogTests {
    /// A bit of everything.
    private func busyDay(at ca: TestCA) async throws {
        try await ca.authority.recordPolicyLoad()
        _ = try await ca.issued(.ssh(host: "web1.example.com", lifetime: .seconds(77), reason: "INC-1"))
        _ = try await ca.issued(.sshHost())
        _ = try await ca.issued(.x509(dns: ["web1.example.com", "web2.example.com"]))
        _ = try await ca.authority.issue(.ssh(), for: Person.cy.caller())
        _ = try await ca.authority.issue(.ssh(nil, host: "mail.example.com"), for: Person.ana.caller())
        _ = try? await ca.authority.requireCapability(.auditRead, of: Person.ana.caller())
        _ = try await ca.openSession()
        _ = try await ca.authority.revoke(
            RevocationOrder(.serial("1", kind: .ssh), reason: "lost"), by: Person.ana.caller())
        try await ca.authority.recordFailedLogins(["3 from 10.0.0.9"])
        try await ca.authority.refusePolicies("broken")
        try await ca.authority.endSession(of: Person.bo.caller())
    }

    @Test func `every event is canonical`() async throws {
        let ca = try await TestCA()
        try await busyDay(at: ca)
        // `events` reads strictly.
        #expect(
            try await ca.events().map(\.type) == [
                .policyLoaded, .certificateIssued, .certificateIssued, .certificateIssued, .certificateDenied,
                .certificateDenied, .certificateDenied, .loginAllowed, .certificateRevoked, .loginDenied, .policyRefused,
                .sessionEnded,
            ])
    }

    @Test func `every decision names its policies and the person`() async throws {
        let ca = try await TestCA()
        try await busyDay(at: ca)
        let decisions = try await ca.events().filter { $0.decision != nil && $0.type != .loginDenied }
        #expect(decisions.count == 7)
        for event in decisions {
            #expect(event.policy == ca.authority.policies.current.set.digest)
            #expect(event.actor?.provider == "local")
            #expect(event.actor?.address == "10.0.0.7")
            #expect(event.actor?.session?.isEmpty == false)
            #expect(event.request?.id == "request-1")
        }
    }

    @Test func `the log vouches for the bytes of each certificate`() async throws {
        let ca = try await TestCA()
        try await busyDay(at: ca)
        let digests = Set(try await ca.events().compactMap(\.certificate?.digest))
        let records = try await ca.certificates()
        #expect(records.count == 4)
        #expect(
            Set(records.map { SHA256.hash(data: $0.certificate).map { String(format: "%02x", $0) }.joined() }) == digests)
    }

    @Test func `an event holds all that the policy needs to decide again`() async throws {
        let ca = try await TestCA()
        try await busyDay(at: ca)
        let set = ca.authority.policies.current.set
        var decided = 0
        for event in try await ca.events() {
            guard let request = event.request, let role = request.role, let kind = request.kind else { continue }
            let what: AuthorizationRequest.Subject =
                switch kind {
                case .ssh: .ssh(logins: request.logins, host: try request.host.map { try HostName($0) })
                case .sshHost: .sshHost(host: try HostName(try #require(request.host)))
                default: .x509(names: try X509Names(dns: try #require(request.names).map { String($0.dropFirst(4)) }))
                }
            let question = try AuthorizationRequest(
                role: role, what: what, lifetime: request.lifetime.map { .seconds($0) }, reason: request.reason,
                keyType: request.keyType.flatMap(KeyType.init(rawValue:)))
            let actor = try #require(event.actor)
            let identity = Identity(
                provider: actor.provider, user: actor.user, login: actor.login,
                groups: actor.groups.map { .known(Set($0)) } ?? .unknown, claims: actor.claims == nil ? .unknown : .known([:]),
                mfa: actor.mfa.map { .known($0) } ?? .unknown, address: actor.address.flatMap { IPAddress($0) })
            switch set.decide(identity, question, at: event.time.date) {
            case .allow(let permit):
                #expect(event.decision?.result == .allow)
                #expect(event.decision?.rule == permit.rule.id)
            case .needsApproval(let offer):
                #expect(event.decision?.result == .approvalNeeded)
                #expect(event.decision?.rule == offer.rule.id)
            case .deny(let denial):
                #expect(event.decision?.result == .deny)
                #expect(event.decision?.reasons == denial.sentences)
            }
            decided += 1
        }
        #expect(decided == 4)
    }

    @Test func `the event of an SSH certificate says what is in it`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.ssh(host: "web1.example.com"))
        let certificate = try #require(try await ca.events().last?.certificate)
        #expect(certificate.principals == ["deploy@host:web1.example.com"])
        #expect(certificate.options == ["permit-pty": "", "source-address": "10.0.0.7/32"])
        #expect(certificate.validAfter?.date == record.validAfter)
        #expect(certificate.validBefore?.date == record.validBefore)
    }

    @Test func `the log proves that it only grew`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        let early = try ca.log.verifier.verified(SignedCheckpoint(parsing: try await ca.log.checkpoint()))
        try await busyDay(at: ca)
        _ = await concurrently(300) { _ in try await ca.issued(.ssh()) }
        let late = try ca.log.verifier.verified(SignedCheckpoint(parsing: try await ca.log.checkpoint()))
        let proof = try await ca.log.consistencyProof(from: early.size, to: late.size)
        try late.head.verifyConsistency(with: early.head, proof: proof)
        #expect(late.size > early.size + 300)
        try await ca.requireSoundLog()
    }

    @Test func `a checkpoint of another key is refused`() async throws {
        let ca = try await TestCA()
        let signed = try SignedCheckpoint(parsing: try await ca.log.checkpoint())
        let other = try CheckpointVerifier(
            name: ca.log.verifier.name, subjectPublicKeyInfo: TestKeys.shared.get().hosts.subjectPublicKeyInfo)
        #expect(throws: CheckpointError.self) { try other.verified(signed) }
    }

    @Test(arguments: [("Example", "mayfly-log/Example"), ("Été & Co+1", "mayfly-log/--t-----Co-1")])
    func `the name of the log suits signed notes`(name: String, origin: String) {
        #expect(LogReader.origin(of: name) == origin)
    }
}

extension TestCA {
    /// Builds the tree again from its leaves.
    func requireSoundLog() async throws {
        var frontier = MerkleFrontier()
        for leaf in try await store.logLeaves(from: 0, limit: 1_000_000) { frontier.append(.leaf(leaf)) }
        #expect(try await store.logFrontier() == frontier)
    }
}
