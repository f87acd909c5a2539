// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import SSHCertificates
import Testing

@testable import Issuance

@Suite struct SignedApprovalTests {
    private static func signed(_ with: String, _ policy: String) -> String {
        policy.replacing("claim_within: 10m, grant: 2h}", with: "claim_within: 10m, grant: 2h, signed: \(with)}")
    }

    private static func isLost(_ id: String) -> [String] {
        ["`\(id)`: the approval of `lea@example.com` no longer counts; it waits for another"]
    }

    private func approve(
        _ id: String, at ca: TestCA, keys: [SSHPublicKey], signed: ((ApprovalStatement) throws -> String)?,
        duration: Int? = nil
    ) async throws {
        let statement = ApprovalStatement(
            digest: try await ca.history(id).request.digest, approver: Person.lea.name, duration: duration, host: nil,
            note: nil)
        _ = try await ca.authority.approveAccess(
            id,
            ApprovalGiven(duration: duration.map { .seconds($0) }, signature: try signed?(statement)),
            by: ca.caller(.lea, keys: keys))
    }

    @Test func `whoever has a key that is known signs with it, and the log can prove it`() async throws {
        let ca = try await TestCA.access()
        let (key, id) = (ApproverKey(), try await ca.ask())
        let keys = [try key.publicKey]
        ca.people.give(keys, to: .lea)
        await #expect(throws: AccessError.signatureNeeded) { try await approve(id, at: ca, keys: keys, signed: nil) }
        try await approve(id, at: ca, keys: keys, signed: key.sign, duration: 600)
        // Nothing but the leaves is needed for it.
        let leaves = try await ca.store.logLeaves(from: UInt64(Person.allCases.count), limit: 10)
        let history = try AccessHistory(leaves: leaves)
        let approval = try #require(history.approvals.first)
        #expect(try approval.verifiedSignature(of: history.request)?.key == key.publicKey)
        #expect(try await ca.take().record?.validBefore == TestCA.start + 600)
    }

    @Test func `a signature over anything else is none`() async throws {
        let ca = try await TestCA.access()
        let (key, other) = (ApproverKey(), ApproverKey())
        let (id, another) = (try await ca.ask(), try await ca.ask())
        let keys = [try key.publicKey]
        let digest = try await ca.history(another).request.digest
        let wrong: [(ApprovalStatement) throws -> String] = [
            { try key.sign(.init(digest: digest, approver: $0.approver, duration: nil, host: nil, note: nil)) },
            { try key.sign(.init(digest: $0.digest, approver: Person.leo.name, duration: nil, host: nil, note: nil)) },
            { try key.sign(.init(digest: $0.digest, approver: $0.approver, duration: 60, host: nil, note: nil)) },
            { _ in "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n" },
            { _ in "" },
        ]
        for sign in wrong {
            await #expect {
                try await approve(id, at: ca, keys: keys, signed: sign)
            } throws: { error in
                if case .signatureInvalid = error as? AccessError { true } else { false }
            }
        }
        await #expect(throws: AccessError.keyUnknown(fingerprint: try other.publicKey.fingerprint)) {
            try await approve(id, at: ca, keys: keys, signed: other.sign)
        }
        #expect(try await ca.status(id) == .pending)
        #expect(try await ca.events().count == 2)
    }

    @Test func `where the rule wants signatures, a session is not enough, nor is a key without touch`() async throws {
        let ca = try await TestCA.access()
        try ca.load {
            $0.replacing("steps: [{by: {groups: [leads, admins]}}],", with: "steps: [{by: {groups: [leads]}}], signed: touch,")
        }
        let (key, id) = (ApproverKey(), try await ca.ask())
        await #expect(throws: AccessError.signatureNeeded) { try await approve(id, at: ca, keys: [], signed: nil) }
        await #expect(throws: AccessError.touchNeeded) {
            try await approve(id, at: ca, keys: [try key.publicKey], signed: key.sign)
        }
        #expect(try await ca.status(id) == .pending)
    }

    @Test func `an approval that somebody wrote into the database gives nothing`() async throws {
        let ca = try await TestCA.access()
        let (key, id) = (ApproverKey(), try await ca.ask())
        ca.people.give([try key.publicKey], to: .lea)
        let forger = ApproverKey()
        let found = try await ca.authority.accessCase(id)
        let statement = ApprovalStatement(
            digest: found.history.request.digest, approver: Person.lea.name, duration: nil, host: nil, note: nil)
        for signature in [nil, try forger.sign(statement)] {
            let moment = Moment(policies: ca.authority.policies.current.set, clock: ca.clock)
            let now = try await ca.authority.accessCase(id)
            var event = ca.authority.event(.accessApproved, of: now, by: ca.caller(.lea), at: moment)
            event.access?.steps = [0]
            event.access?.signature = signature
            #expect(try await ca.authority.write(event, to: now, by: ca.caller(.lea), at: moment))
            #expect(try await ca.status(id) == .approved)
            #expect(
                try await ca.reasons() == [
                    "`\(id)`: the approval of `lea@example.com` no longer counts; it waits for another"
                ])
        }
        try await approve(id, at: ca, keys: [try key.publicKey], signed: key.sign)
        let serial = try await ca.take().record?.serial
        #expect(serial != nil)
        // A key that was taken out of the user file vouches for nothing any more.
        ca.people.give([try forger.publicKey], to: .lea)
        #expect(try await ca.reasons() == ["`\(id)`: the approval of `lea@example.com` no longer counts"])
    }

    @Test func `where the rule rechecks, a key that is gone ends the grant`() async throws {
        let ca = try await TestCA.access()
        try ca.load { $0.replacing("grant: 2h}", with: "grant: 2h, recheck: revoke}") }
        let (key, id) = (ApproverKey(), try await ca.ask())
        ca.people.give([try key.publicKey], to: .lea)
        try await approve(id, at: ca, keys: [try key.publicKey], signed: key.sign)
        _ = try #require(try await ca.take().record)
        #expect(try await ca.authority.recheckGrants() == 0)
        ca.people.give([try ApproverKey().publicKey], to: .lea)
        #expect(try await ca.authority.recheckGrants() == 1)
        #expect(try await ca.status(id) == .revoked)
    }

    /// Whoever may write the user file may take a key out of it, and does not make a session enough by that.
    @Test(arguments: [true, false], [true, false])
    func `what was signed, or is to be, does not count without a key that holds`(isWanted: Bool, isInUse: Bool) async throws {
        let ca = try await TestCA.access()
        if isWanted { try ca.load { Self.signed("key", $0) } }
        let (key, id) = (ApproverKey(), try await ca.ask())
        ca.people.give([try key.publicKey], to: .lea)
        try await approve(id, at: ca, keys: [try key.publicKey], signed: key.sign)
        if isInUse { _ = try #require(try await ca.take().record) }
        ca.people.give([], to: .lea)
        let lost = "`\(id)`: the approval of `lea@example.com` no longer counts"
        #expect(try await ca.reasons() == [isInUse ? lost : lost + "; it waits for another"])
    }

    @Test func `a stricter policy is held against every approval that is there`() async throws {
        let ca = try await TestCA.access()
        let (key, token) = (ApproverKey(), ApproverKey(isToken: true))
        let keys = [try key.publicKey, try token.publicKey]
        let ids = try await ca.askMany(3)
        try await approve(ids[0], at: ca, keys: [], signed: nil)
        ca.people.give(keys, to: .lea)
        try await approve(ids[1], at: ca, keys: keys, signed: key.sign)
        try await approve(ids[2], at: ca, keys: keys, signed: token.sign)
        try ca.load { Self.signed("touch", $0) }
        for id in ids.prefix(2) {
            #expect(try await ca.reasons(grant: id) == Self.isLost(id))
            #expect(try await ca.status(id) == .pending)
            await #expect(throws: AccessError.touchNeeded) {
                try await approve(id, at: ca, keys: keys, signed: key.sign)
            }
            try await approve(id, at: ca, keys: keys, signed: token.sign)
            #expect(try await ca.take(grant: id).record?.grant == id)
        }
        #expect(try await ca.take(grant: ids[2]).record?.grant == ids[2])
    }

    /// What the policy said when it was asked holds, too.
    @Test func `a policy that asks for less later lets nothing pass that was to be signed`() async throws {
        let ca = try await TestCA.access()
        try ca.load { Self.signed("key", $0) }
        let id = try await ca.ask()
        try ca.load { $0 }
        await #expect(throws: AccessError.signatureNeeded) { try await approve(id, at: ca, keys: [], signed: nil) }
        // As an earlier version could have written it.
        let moment = Moment(policies: ca.authority.policies.current.set, clock: ca.clock)
        let found = try await ca.authority.accessCase(id)
        var event = ca.authority.event(.accessApproved, of: found, by: ca.caller(.lea), at: moment)
        event.access?.steps = [0]
        #expect(try await ca.authority.write(event, to: found, by: ca.caller(.lea), at: moment))
        #expect(try await ca.reasons() == Self.isLost(id))
    }

    /// Of them no key is on record.
    @Test func `people whom only a provider knows approve nothing that is to be signed`() async throws {
        let ca = try await TestCA.access()
        let pat = try await ca.logIn("pat@corp.example", groups: ["leads"])
        let id = try await ca.ask()
        _ = try await ca.authority.approveAccess(id, ApprovalGiven(), by: pat)
        try ca.load { Self.signed("key", $0) }
        #expect(
            try await ca.reasons() == ["`\(id)`: the approval of `pat@corp.example` no longer counts; it waits for another"])
        await #expect(throws: AccessError.signatureNeeded) {
            try await ca.authority.approveAccess(id, ApprovalGiven(), by: pat)
        }
    }

    @Test func `nobody signs to say no`() async throws {
        let ca = try await TestCA.access()
        try ca.load { Self.signed("touch", $0) }
        let (token, ids) = (ApproverKey(isToken: true), try await ca.askMany(2))
        ca.people.give([try token.publicKey], to: .lea)
        try await approve(ids[1], at: ca, keys: [try token.publicKey], signed: token.sign)
        _ = try #require(try await ca.take(grant: ids[1]).record)
        for (id, status) in zip(ids, [AccessStatus.denied, .revoked]) {
            _ = try await ca.authority.denyAccess(id, note: "no", by: ca.caller(.lea, keys: [try token.publicKey]))
            #expect(try await ca.status(id) == status)
        }
    }

    @Test func `who has no key that is known is believed by the session`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await approve(id, at: ca, keys: [], signed: nil)
        #expect(try await ca.status(id) == .approved)
    }
}
