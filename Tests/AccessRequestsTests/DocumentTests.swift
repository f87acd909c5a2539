// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Crypto
import Foundation
import SSHCertificates
import Testing

@testable import AccessRequests

/// The request as it stands in the log, and signatures over it.
@Suite struct DocumentTests {
    @Test func `the id and the digest are those of the leaf`() throws {
        let document = try Sample.document()
        let request = try AccessRequest(document: document)
        let digest = SHA256.hash(data: document).map { String(format: "%02x", $0) }.joined()
        #expect(request.digest == "sha256:" + digest)
        #expect(AccessRequest.isID(request.id))
        #expect(try AccessRequest(document: Sample.document(request: "2")).id != request.id)
    }

    @Test(arguments: ["", "abcdefghijk", "abcdefghijklm", "abcdefghijk1", "ABCDEFGHIJKL", "abcdefghijké"])
    func `what is no id is told from one`(text: String) {
        #expect(!AccessRequest.isID(text))
    }

    @Test func `a request that lacks a part, or asks for no people, is none`() throws {
        let without: [(inout AuditEvent.Access) -> Void] = [
            { $0.wait = nil }, { $0.claimWithin = nil }, { $0.duration = nil }, { $0.counts = [0, 2] }, { $0.counts = [1] },
            { $0.wait = -1 },
            // An extension says since when, and until when at the latest; nothing else does.
            { ($0.extends, $0.since) = ("aaaaaaaaaaaa", AuditTime(Sample.start)) },
            { ($0.extends, $0.until) = ("aaaaaaaaaaaa", AuditTime(Sample.start)) },
            { ($0.since, $0.until) = (AuditTime(Sample.start), AuditTime(Sample.start + 60)) },
        ]
        for change in without {
            #expect(throws: AccessEventError.incomplete) { try Sample.history(change) }
        }
        let other = try AuditEvent(time: AuditTime(Sample.start), type: .keyUsed).canonicalBytes
        #expect(throws: AccessEventError.incomplete) { try AccessRequest(document: other) }
    }

    @Test func `leaves of another request are refused`() throws {
        let event = AuditEvent(
            time: AuditTime(Sample.start), type: .accessCancelled, actor: Sample.actor("ana"),
            access: .init(request: "aaaaaaaaaaaa"))
        #expect(throws: AccessEventError.notOneRequest) {
            try AccessHistory(leaves: [Sample.document(), event.canonicalBytes])
        }
        #expect(throws: AccessEventError.notOneRequest) { try AccessHistory(leaves: []) }
    }

    @Test func `a request that goes on from it is an event of it too, and changes nothing`() throws {
        let request = try AccessRequest(document: Sample.document())
        func later(_ id: String) throws -> [UInt8] {
            var access = Sample.access()
            access.extends = id
            (access.since, access.until) = (AuditTime(Sample.start), AuditTime(Sample.start + 60))
            return try Sample.document(access)
        }
        let history = try AccessHistory(leaves: [Sample.document(), later(request.id)])
        #expect(history == AccessHistory(request))
        #expect(throws: AccessEventError.notOneRequest) {
            try AccessHistory(leaves: [Sample.document(), later("aaaaaaaaaaaa")])
        }
        #expect(throws: AccessEventError.notOneRequest) {
            try AccessHistory(leaves: [Sample.document(), Sample.document(request: "2")])
        }
    }

    @Test func `what is left of approvals is said for each of them, or for none`() throws {
        let request = try AccessRequest(document: Sample.document())
        var access = AuditEvent.Access(request: request.id)
        access.lost = ["bea@example.com", "lea@example.com"]
        func event() throws -> AccessEvent? {
            try AccessEvent(AuditEvent(time: AuditTime(Sample.start), type: .accessVoided, access: access))
        }
        #expect(try event()?.what == .voided(left: ["bea@example.com": [], "lea@example.com": []]))
        access.left = [[], [0]]
        #expect(try event()?.what == .voided(left: ["bea@example.com": [], "lea@example.com": [0]]))
        access.left = [[0]]
        #expect(throws: AccessEventError.incomplete) { try event() }
    }

    @Test func `a history read from its leaves is the one that was folded`() throws {
        let request = try AccessRequest(document: Sample.document())
        var approved = AuditEvent.Access(request: request.id, note: "go on")
        approved.steps = [0, 1]
        approved.duration = 1200
        let events: [AuditEvent] = [
            AuditEvent(time: AuditTime(Sample.start + 60), type: .accessApproved, actor: Sample.actor("lea"), access: approved),
            AuditEvent(
                time: AuditTime(Sample.start + 70), type: .accessDenied, actor: Sample.actor("bea"),
                access: .init(request: request.id, note: "not today")),
        ]
        let history = try AccessHistory(leaves: [Sample.document()] + events.map { try $0.canonicalBytes })
        #expect(history.approvals.map(\.duration) == [1200])
        #expect(history.status(after: 80) == .denied)
        #expect(history.closing?.note == "not today")
    }

    @Test func `a signature is over this request and these limits, and nothing else`() throws {
        let key = Curve25519.Signing.PrivateKey()
        let publicKey = try SSHPublicKey(
            subjectPublicKeyInfo: [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
                + key.publicKey.rawRepresentation)
        func signed(_ statement: ApprovalStatement, namespace: String = ApprovalStatement.namespace) throws -> String {
            let bytes = try SSHSIG.bytesToSign(message: statement.bytes, namespace: namespace)
            let signature = try SSHSignature(
                x509Encoded: Array(try key.signature(for: bytes)), algorithm: .ed25519)
            return try SSHSIG(publicKey: publicKey, namespace: namespace, hash: .sha512, signature: signature).armored
        }
        let request = try AccessRequest(document: Sample.document())
        func statement(
            _ digest: String? = nil, by approver: String = "lea@example.com", duration: Int? = 600, host: String? = nil,
            note: String? = "ok"
        ) -> ApprovalStatement {
            ApprovalStatement(
                digest: digest ?? request.digest, approver: approver, duration: duration, host: host, note: note)
        }
        let signature = try signed(statement())
        #expect(try statement().verify(signature).key == publicKey)
        let others = [
            statement("sha256:00"), statement(by: "bea@example.com"), statement(duration: 601), statement(duration: nil),
            statement(host: "web1"), statement(note: nil), statement(note: "ok!"),
        ]
        for other in others {
            #expect(throws: SSHSIGError.self) { try other.verify(signature) }
        }
        #expect(throws: SSHSIGError.wrongNamespace("login@mayfly")) {
            try statement().verify(try signed(statement(), namespace: "login@mayfly"))
        }
    }
}
