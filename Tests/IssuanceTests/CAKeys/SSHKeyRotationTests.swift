// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import SSHCertificates
import Testing
import X509Certificates

@testable import Issuance

/// An SSH CA key is replaced step by step, and nobody is locked out on the way.
@Suite struct SSHKeyRotationTests {
    private let ca: TestCA

    init() async throws {
        ca = try await TestCA(caLife: 3 * TestCA.year)
    }

    @discardableResult
    private func rotate(
        _ act: CAKeyOrder.Act, _ purpose: CAKeyPurpose = .sshUser, key: String? = nil, force: Bool = false,
        at authority: Authority? = nil
    ) async throws -> CAKeyRecord {
        try await (authority ?? ca.authority).rotate(
            CAKeyOrder(act, purpose, key: key, isForced: force, reason: "every year"), by: Person.root.caller())
    }

    private func states(_ purpose: CAKeyPurpose = .sshUser, at authority: Authority? = nil) -> [CAKeyState] {
        (authority ?? ca.authority).keys.current.records(of: purpose).map(\.state)
    }

    private func host(_ name: String = "web1.example.com") async throws -> (TestHost, CertificateRecord) {
        let host = try TestHost(name)
        return (host, try await ca.enrolled(host.enrolment(try await ca.token(hosts: name), at: ca)))
    }

    /// The host says that its sshd trusts these keys.
    private func report(_ host: TestHost, _ certificate: CertificateRecord, trusts keys: [String]) async throws {
        let report = HostReport(
            time: ca.clock.now, certificate: .init(issuer: certificate.issuer, serial: certificate.serial),
            revocationListVersion: nil, userCAKeys: keys, zones: [], clientVersion: "test", sessionsListVersion: nil,
            problem: nil)
        #expect(try await ca.store.record(report, [], ofHost: host.name, publicKey: host.publicKey.fingerprint))
    }

    private func krl() async throws -> KeyRevocationList {
        let publisher = RevocationPublisher(authority: ca.authority)
        _ = try await publisher.publish()
        return try KeyRevocationList(parsing: try #require(publisher.lists.keys).krl)
    }

    @Test func `each step is one event, and the key that signs changes with activate alone`() async throws {
        let old = ca.authority.users.issuer
        let first = try await ca.issued(.ssh())
        #expect(first.issuer == old)

        let next = try await rotate(.prepare).fingerprint
        #expect(next != old)
        #expect(states() == [.active, .prepared])
        #expect(ca.authority.keys.current.users.published.map(\.fingerprint) == [old, next])
        #expect(try await ca.issued(.ssh()).issuer == old)

        try await rotate(.activate)
        #expect(states() == [.retiring, .active])
        #expect(ca.authority.keys.current.users.published.map(\.fingerprint) == [next, old])
        let second = try await ca.issued(.ssh())
        #expect(second.issuer == next)
        #expect(try SSHCertificate(parsing: second.certificate).contents.signatureKey.fingerprint == next)
        #expect(second.serial == "1")

        ca.clock.advance(601)
        try await rotate(.retire)
        #expect(states() == [.retired, .active])
        #expect(ca.authority.keys.current.users.published.map(\.fingerprint) == [next])

        try await rotate(.revoke, key: old)
        #expect(states() == [.revoked, .active])

        let events = try await ca.events().filter { $0.key != nil }
        #expect(events.map(\.type) == [.keyPrepared, .keyActivated, .keyRetired, .keyRevoked])
        #expect(events.map(\.key?.fingerprint) == [next, next, old, old])
        #expect(events.allSatisfy { $0.key?.purpose == "ssh-user" && $0.request?.reason == "every year" })
        #expect(events.allSatisfy { $0.actor?.user == Person.root.name })
        #expect(events[1].message == "in place of \(old)")
        #expect(ca.vault.lastPublished?.users.published.map(\.fingerprint) == [next])
    }

    @Test func `after a restart at any step everything is as it was`() async throws {
        let old = ca.authority.users.issuer
        let next = try await rotate(.prepare).fingerprint
        for (act, expected, signs) in [
            (nil, [CAKeyState.active, .prepared], old), (CAKeyOrder.Act.activate, [.retiring, .active], next),
            (.retire, [.retired, .active], next), (.revoke, [.revoked, .active], next),
        ] {
            if let act { try await rotate(act, key: act == .revoke ? old : nil) }
            let other = try await ca.restarted()
            #expect(states(at: other) == expected)
            #expect(other.keys.current.users.published == ca.authority.keys.current.users.published)
            #expect(try await other.issue(.ssh(), for: Person.bo.caller()).record?.issuer == signs)
            // What it gave must end before the next step.
            ca.clock.advance(601)
        }
        #expect(states(.sshHost) == [.active])
    }

    @Test func `a step that could not be made durable has not happened, and can be repeated`() async throws {
        struct Full: Error {}
        let old = ca.authority.users.issuer
        for act in [CAKeyOrder.Act.prepare, .activate, .retire, .revoke] {
            let before = states()
            ca.store.disturbOnce { _ in throw Full() }
            await #expect(throws: Full.self) { try await rotate(act, key: act == .revoke ? old : nil) }
            #expect(states() == before)
            #expect(try await states(at: ca.restarted()) == before)
            try await rotate(act, key: act == .revoke ? old : nil)
        }
        #expect(states() == [.revoked, .active])
        // Its reply may have been lost; it is not done twice.
        await #expect(throws: CAKeyError.wrongState(.sshUser, key: old, .revoked, act: .revoke)) {
            try await rotate(.revoke, key: old)
        }
    }

    @Test func `a key that cannot be loaded is not activated`() async throws {
        try await rotate(.prepare)
        ca.vault.lock()
        await #expect(throws: MemoryVault.Locked.self) { try await rotate(.activate) }
        #expect(states() == [.active, .prepared])
        _ = try await ca.issued(.ssh())
    }

    @Test func `a certificate that was signed before its key was replaced is not released after`() async throws {
        let old = ca.authority.users.issuer
        try await rotate(.prepare)
        // Between signing and recording, another node activates the next key.
        let other = try await ca.restarted()
        let store = ca.store
        ca.store.disturbOnce { _ in
            store.calm()
            _ = try await other.rotate(CAKeyOrder(.activate, .sshUser, reason: "x"), by: Person.root.caller())
        }
        await #expect(throws: AccessError.busy) { try await ca.authority.issue(.ssh(), for: Person.ana.caller()) }
        #expect(try await ca.certificates().allSatisfy { $0.issuer != old })
    }

    @Test func `what is changed elsewhere meanwhile is not changed again`() async throws {
        let other = try await ca.restarted()
        try await rotate(.prepare, at: other)
        await #expect(throws: CAKeyError.busy) { try await rotate(.prepare) }
        #expect(states() == [.active])
    }

    @Test func `activate waits for every enrolled host, by name`() async throws {
        let old = ca.authority.users.issuer
        let (web1, certificate) = try await host()
        let (web2, other) = try await host("web2.example.com")
        let next = try await rotate(.prepare).fingerprint
        try await report(web1, certificate, trusts: [old, next])
        for trusted in [nil, [old]] {
            if let trusted { try await report(web2, other, trusts: trusted) }
            let error = await #expect(throws: CAKeyError.self) { try await rotate(.activate) }
            #expect(error == .notAdopted(.sshUser, key: next, hosts: ["web2.example.com"], act: .activate))
            #expect(error?.description.contains("web2.example.com") == true)
            #expect(error?.hint?.contains("--force") == true)
        }
        #expect(states() == [.active, .prepared])
        try await report(web2, other, trusts: [old, next])
        try await rotate(.activate)
        #expect(states() == [.retiring, .active])
    }

    @Test func `force is on record with whom it locks out`() async throws {
        _ = try await host()
        let old = ca.authority.users.issuer
        try await rotate(.prepare)
        try await rotate(.activate, force: true)
        #expect(
            try await ca.events().last?.message
                == "in place of \(old); forced without regard to: web1.example.com")
        // A host that trusts the old key alone would learn of nothing any more.
        await #expect(throws: CAKeyError.self) { try await rotate(.revoke, key: old) }
        try await rotate(.revoke, key: old, force: true)
        #expect(try await ca.events().last?.message == "forced without regard to: web1.example.com")
    }

    @Test func `a removed host is waited for no more`() async throws {
        _ = try await host()
        try await rotate(.prepare)
        _ = try await ca.authority.removeHost(.init("web1.example.com"), reason: "gone", by: Person.root.caller())
        try await rotate(.activate)
    }

    @Test func `retire waits for the last certificate of the key`() async throws {
        let record = try await ca.issued(.ssh())
        try await rotate(.prepare)
        try await rotate(.activate)
        ca.clock.advance(599)
        await #expect(throws: CAKeyError.stillUsed(.sshUser, key: record.issuer, until: record.validBefore)) {
            try await rotate(.retire)
        }
        ca.clock.advance(1)
        try await rotate(.retire)
    }

    @Test func `a held certificate is waited for, a revoked one is not`() async throws {
        let record = try await ca.issued(.ssh())
        try await rotate(.prepare)
        try await rotate(.activate)
        func revoke(_ cause: RevocationCause) async throws {
            _ = try await ca.authority.revoke(
                RevocationOrder(.serial(record.serial, kind: .ssh), cause: cause, reason: "x"), by: Person.root.caller())
        }
        try await revoke(.certificateHold)
        await #expect(throws: CAKeyError.self) { try await rotate(.retire) }
        try await revoke(.keyCompromise)
        try await rotate(.retire)
    }

    @Test func `steps out of order are refused with what to do instead`() async throws {
        let old = ca.authority.users.issuer
        await #expect(throws: CAKeyError.nonePrepared(.sshUser)) { try await rotate(.activate) }
        await #expect(throws: CAKeyError.keyNeeded(.sshUser, candidates: [])) { try await rotate(.retire) }
        await #expect(throws: CAKeyError.keyNeeded(.sshUser, candidates: [old])) { try await rotate(.revoke) }
        await #expect(throws: CAKeyError.unknownKey(.sshUser, key: "SHA256:x")) { try await rotate(.revoke, key: "SHA256:x") }
        for act in [CAKeyOrder.Act.retire, .revoke] {
            await #expect(throws: CAKeyError.wrongState(.sshUser, key: old, .active, act: act)) {
                try await rotate(act, key: old, force: true)
            }
        }
        let next = try await rotate(.prepare).fingerprint
        await #expect(throws: CAKeyError.alreadyPrepared(.sshUser, key: next)) { try await rotate(.prepare) }
        await #expect(throws: CAKeyError.wrongState(.sshUser, key: next, .prepared, act: .retire)) {
            try await rotate(.retire, key: next)
        }
        // A key that was never used can be given up.
        try await rotate(.revoke, key: next)
        #expect(states() == [.active, .revoked])
        try await rotate(.prepare)
        await #expect(throws: (any Error).self) {
            try await ca.authority.rotate(CAKeyOrder(.activate, .sshUser, reason: ""), by: Person.root.caller())
        }
        #expect(states() == [.active, .revoked, .prepared])
    }

    @Test func `the KRL goes on for the certificates of the old key, and names a key that is revoked`() async throws {
        let lost = try await ca.issued(.ssh())
        let kept = try SSHCertificate(parsing: try await ca.issued(.ssh(), to: Person.bo.caller()).certificate)
        try await rotate(.prepare)
        try await rotate(.activate)
        _ = try await ca.authority.revoke(
            RevocationOrder(.serial(lost.serial, kind: .ssh), reason: "lost"), by: Person.root.caller())
        let new = try SSHCertificate(parsing: try await ca.issued(.ssh()).certificate)
        var list = try await krl()
        #expect(list.revokes(try SSHCertificate(parsing: lost.certificate)))
        #expect(!list.revokes(kept))
        #expect(!list.revokes(new))

        try await rotate(.revoke, key: lost.issuer)
        list = try await krl()
        #expect(list.revokes(kept))
        #expect(!list.revokes(new))
        // Whoever stole the key can make certificates without end.
        ca.clock.advance(400 * 86_400)
        #expect(try await krl().revokes(kept))
    }

    @Test func `a change of keys is published at once, signed by the key that signs now`() async throws {
        let publisher = RevocationPublisher(authority: ca.authority)
        _ = try await publisher.publish()
        let first = try #require(publisher.lists.keys)
        try await rotate(.prepare)
        try await rotate(.activate)
        _ = try await publisher.publish()
        let second = try #require(publisher.lists.keys)
        #expect(second.version > first.version)
        _ = try SSHSIG(armored: second.signature).verify(
            message: second.krl, namespace: "krl@mayfly", allowedKeys: [ca.authority.users.publicKey])
    }

    @Test func `a host renews under the new host CA with a certificate of the old one, until that is retired`() async throws {
        let (host, first) = try await host()
        try await rotate(.prepare, .sshHost)
        try await rotate(.activate, .sshHost)
        let second = try await ca.renewed(host.renewal(first, at: ca))
        #expect(second.issuer != first.issuer)
        #expect(second.issuer == ca.authority.hosts.issuer)
        #expect(try await ca.store.host(named: host.name)?.certificate.issuer == second.issuer)
        // The reply may be lost.
        _ = try await ca.renewed(host.renewal(first, at: ca))
        await #expect(throws: CAKeyError.self) { try await rotate(.retire, .sshHost) }
        try await rotate(.retire, .sshHost, force: true)
        await #expect(throws: EnrolmentRefusal.certificateInvalid("another key signed it")) {
            try await ca.renewed(host.renewal(first, at: ca))
        }
        _ = try await ca.renewed(host.renewal(second, at: ca))
    }

    @Test func `a host CA key is not taken from hosts that depend on it`() async throws {
        let (host, first) = try await host()
        try await rotate(.prepare, .sshHost)
        try await rotate(.activate, .sshHost)
        let second = try await ca.renewed(host.renewal(first, at: ca))
        try await report(host, first, trusts: [])
        await #expect(throws: CAKeyError.hostsDepend(key: first.issuer, hosts: [host.name])) {
            try await rotate(.revoke, .sshHost, key: first.issuer)
        }
        try await report(host, second, trusts: [])
        try await rotate(.revoke, .sshHost, key: first.issuer)
        await #expect(throws: EnrolmentRefusal.certificateInvalid("another key signed it")) {
            try await ca.renewed(host.renewal(first, at: ca))
        }
        _ = try await ca.renewed(host.renewal(second, at: ca))
    }

    @Test func `status says what to do next`() async throws {
        func advice(_ purpose: CAKeyPurpose) async throws -> [String?] {
            try await ca.authority.standing(root: ca.root, rootList: nil).filter { $0.name == purpose.rawValue }.map(\.advice)
        }
        let (host, certificate) = try await host()
        #expect(try await advice(.sshUser) == [nil])
        let next = try await rotate(.prepare).fingerprint
        #expect(
            try await advice(.sshUser)
                == [nil, "wait until the hosts that are listed trust it, then `mayfly ca rotate ssh-user activate`"])
        try await report(host, certificate, trusts: [next])
        #expect(try await advice(.sshUser) == [nil, "`mayfly ca rotate ssh-user activate`"])
        let old = try await ca.issued(.ssh())
        try await rotate(.activate)
        #expect(
            try await advice(.sshUser)
                == ["`mayfly ca rotate ssh-user retire --key \(old.issuer)` after \(old.validBefore.formatted(.iso8601))", nil])
        ca.clock.advance(600)
        #expect(try await advice(.sshUser) == ["`mayfly ca rotate ssh-user retire --key \(old.issuer)`", nil])
        let standing = try await ca.authority.standing(root: ca.root, rootList: nil)
        #expect(standing.first { $0.name == "root" }?.endsAt == ca.root.notAfter)
        #expect(standing.first { $0.name == "root-list" }?.advice?.contains("make one with `mayfly ca crl`") == true)
        #expect(standing.first { $0.name == "service" }?.advice == nil)
    }
}
