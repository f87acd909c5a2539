// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Crypto
import Foundation
import Policies
import SSHCertificates
import Testing

@testable import Issuance

@Suite struct SignedApprovalTests {
    /// An SSH key of an approver.
    private struct Key {
        private let key = Curve25519.Signing.PrivateKey()

        var publicKey: SSHPublicKey {
            get throws {
                try SSHPublicKey(
                    subjectPublicKeyInfo: [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
                        + key.publicKey.rawRepresentation)
            }
        }

        func sign(_ statement: ApprovalStatement) throws -> String {
            let bytes = try SSHSIG.bytesToSign(message: statement.bytes, namespace: ApprovalStatement.namespace)
            let signature = try SSHSignature(x509Encoded: Array(try key.signature(for: bytes)), algorithm: .ed25519)
            return try SSHSIG(
                publicKey: publicKey, namespace: ApprovalStatement.namespace, hash: .sha512, signature: signature
            ).armored
        }
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
        let (key, id) = (Key(), try await ca.ask())
        let keys = [try key.publicKey]
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
        let (key, other) = (Key(), Key())
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
        let (key, id) = (Key(), try await ca.ask())
        await #expect(throws: AccessError.signatureNeeded) { try await approve(id, at: ca, keys: [], signed: nil) }
        await #expect(throws: AccessError.touchNeeded) {
            try await approve(id, at: ca, keys: [try key.publicKey], signed: key.sign)
        }
        #expect(try await ca.status(id) == .pending)
    }

    @Test func `an approval that somebody wrote into the database gives nothing`() async throws {
        let ca = try await TestCA.access()
        let (key, id) = (Key(), try await ca.ask())
        ca.people.give([try key.publicKey], to: .lea)
        let forger = Key()
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
        let (key, id) = (Key(), try await ca.ask())
        ca.people.give([try key.publicKey], to: .lea)
        try await approve(id, at: ca, keys: [try key.publicKey], signed: key.sign)
        _ = try #require(try await ca.take().record)
        #expect(try await ca.authority.recheckGrants() == 0)
        ca.people.give([try Key().publicKey], to: .lea)
        #expect(try await ca.authority.recheckGrants() == 1)
        #expect(try await ca.status(id) == .revoked)
    }

    @Test func `who has no key that is known is believed by the session`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await approve(id, at: ca, keys: [], signed: nil)
        #expect(try await ca.status(id) == .approved)
    }
}
