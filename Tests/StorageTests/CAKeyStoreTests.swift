// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Issuance
import Testing

@testable import Storage

/// What every store must do for CA keys.
@Suite struct CAKeyStoreTests {
    private let store: SQLStore
    private let directory: ScratchDirectory

    init() async throws {
        directory = try ScratchDirectory()
        store = try await SQLStore.sqlite(path: directory.path + "/test.sqlite")
    }

    private func key(
        _ fingerprint: String, _ state: CAKeyState, _ purpose: CAKeyPurpose = .sshUser, preparedAt: Date? = nil
    ) -> CAKeyRecord {
        CAKeyRecord(
            purpose: purpose, fingerprint: fingerprint, subjectPublicKeyInfo: [1, 2],
            certificate: purpose == .issuing ? [3] : nil, state: state, preparedAt: preparedAt, changedAt: preparedAt)
    }

    private func change(_ keys: [CAKeyRecord], seen: [CAKeyRecord]) async throws -> CommitOutcome? {
        var entry = try Sample.entry(at: Sample.now)
        entry.preconditions = [.caKeysAre(keys[0].purpose, seen)]
        entry.caKeys = keys
        return try await store.commit([entry]).first
    }

    private func issue(_ serial: String) async throws -> CommitOutcome? {
        var entry = try Sample.entry(at: Sample.now)
        entry.preconditions = [.caKeyIsActive("SHA256:ca")]
        entry.certificate = Sample.certificate(serial: serial)
        return try await store.commit([entry]).first
    }

    @Test func `keys are kept whole, in the order in which they were prepared`() async throws {
        let first = key("SHA256:z", .active)
        let issuing = key("SHA256:i", .prepared, .issuing, preparedAt: Sample.now)
        let second = key("SHA256:a", .prepared, preparedAt: Sample.now.addingTimeInterval(1))
        #expect(try await change([second, first], seen: [first])?.isCommitted == true)
        #expect(try await change([issuing], seen: [key("SHA256:x", .active, .issuing)])?.isCommitted == true)
        #expect(try await store.caKeys() == [first, issuing, second])
    }

    @Test func `what was changed by somebody else meanwhile is not changed`() async throws {
        let (first, second) = (key("SHA256:ca", .active), key("SHA256:b", .prepared, preparedAt: Sample.now))
        // Before the first change the only key is active and not on record.
        #expect(try await change([first], seen: [key("SHA256:ca", .retired)]) == .refused(.caKeysChanged))
        #expect(try await change([first, second], seen: [first])?.isCommitted == true)
        #expect(try await change([first, second], seen: [first]) == .refused(.caKeysChanged))
        let next = [key("SHA256:ca", .retiring), key("SHA256:b", .active, preparedAt: Sample.now)]
        #expect(try await change(next, seen: [first, second])?.isCommitted == true)
        #expect(try await change(next, seen: [first, second]) == .refused(.caKeysChanged))
        #expect(try await store.caKeys().map(\.state) == [.retiring, .active])
    }

    @Test func `only certificates of a key that signs are recorded`() async throws {
        #expect(try await issue("1")?.isCommitted == true)
        let active = key("SHA256:ca", .active)
        #expect(try await change([active], seen: [active])?.isCommitted == true)
        #expect(try await issue("2")?.isCommitted == true)
        for state in CAKeyState.allCases where state != .active {
            let before = try await store.caKeys()
            #expect(try await change([key("SHA256:ca", state)], seen: before)?.isCommitted == true)
            #expect(try await issue("3") == .refused(.caKeyNotActive), "\(state)")
        }
        #expect(try await store.certificate(issuer: "SHA256:ca", serial: "3") == nil)
    }

    @Test func `the last end is that of certificates of this key that still count`() async throws {
        #expect(try await store.lastEnd(ofCertificatesBy: "SHA256:ca", after: Sample.now) == nil)
        for (serial, seconds, kind) in [("1", 600.0, CertificateRecord.Kind.ssh), ("2", 900, .ssh), ("3", 5000, .server)] {
            var entry = try Sample.entry(at: Sample.now)
            var record = Sample.certificate(serial: serial)
            record.kind = kind
            record.validBefore = Sample.now.addingTimeInterval(seconds)
            entry.certificate = record
            _ = try await store.commit([entry])
        }
        func end(after seconds: Double = 0, issuer: String = "SHA256:ca") async throws -> Double? {
            try await store.lastEnd(ofCertificatesBy: issuer, after: Sample.now.addingTimeInterval(seconds))?
                .timeIntervalSince(Sample.now)
        }
        #expect(try await end() == 900)
        #expect(try await end(after: 900) == nil)
        #expect(try await end(issuer: "SHA256:other") == nil)
        for (cause, expected) in [(RevocationCause.certificateHold, 900.0), (.superseded, 600)] {
            var entry = try Sample.entry(at: Sample.now)
            entry.revocations = [
                Revocation(issuer: "SHA256:ca", serial: "2", time: Sample.now, cause: cause, reason: "x")
            ]
            _ = try await store.commit([entry])
            #expect(try await end() == expected)
        }
    }
}
