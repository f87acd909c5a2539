// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Keys
import Testing
import X509Certificates

@testable import Issuance

/// An issuing CA is replaced under the same root, whose key is elsewhere.
@Suite struct IssuingRotationTests {
    private let ca: TestCA

    init() async throws {
        ca = try await TestCA()
    }

    /// What whoever has the root key makes of a request.
    private func certificate(
        named name: String = "Test Issuing 2", for key: [UInt8]? = nil, lifetime: Double = TestCA.year
    ) async throws -> IssuerCertificate {
        var requested = key
        if requested == nil { requested = try await ca.authority.makeIssuingKey() }
        return try await CACertificates.issuing(
            commonName: name, publicKey: SubjectPublicKey(subjectPublicKeyInfo: requested ?? []), under: ca.root,
            signer: try TestKeys.shared.get().root, now: ca.clock.wholeSeconds, lifetime: lifetime)
    }

    private func rootList(revoking certificates: [IssuerCertificate] = []) async throws -> RevocationList {
        let revoked = try certificates.map {
            try RevokedCertificate(
                serial: try #require($0.serial), revokedAt: ca.clock.wholeSeconds, reason: .authorityCompromise)
        }
        let list = try await CACertificates.rootList(
            ca.root, signer: try TestKeys.shared.get().root, revoked: RevokedEntries(revoked), now: ca.clock.wholeSeconds)
        return try RevocationList(der: list.der)
    }

    @discardableResult
    private func rotate(
        _ act: CAKeyOrder.Act, _ certificate: IssuerCertificate? = nil, key: String? = nil, force: Bool = false,
        list: RevocationList? = nil, at authority: Authority? = nil
    ) async throws -> CAKeyRecord {
        try await (authority ?? ca.authority).rotate(
            CAKeyOrder(
                act, .issuing, key: key, isForced: force, reason: "every year",
                issuing: .init(certificate: certificate, root: ca.root, rootList: list)), by: Person.root.caller())
    }

    private func states(at authority: Authority? = nil) -> [CAKeyState] {
        (authority ?? ca.authority).keys.current.records(of: .issuing).map(\.state)
    }

    private func lists(of authority: Authority? = nil) async throws -> [(name: String, list: RevocationList)] {
        let publisher = RevocationPublisher(authority: authority ?? ca.authority)
        _ = try await publisher.publish()
        return try #require(publisher.lists.certificates).all.map { ($0.name, try RevocationList(der: $0.full.der)) }
    }

    @Test func `certificates go under the new CA with their chain, and both have lists from the first day`() async throws {
        let first = try await ca.issued(.x509())
        let next = try await certificate()
        try await rotate(.prepare, next)
        #expect(states() == [.active, .prepared])
        #expect(try await ca.issued(.x509()).issuer == ca.issuing.keyFingerprint)
        var published = try await lists()
        #expect(published.count == 2)
        #expect(published[0].name == "issuing" && published[0].list.isSigned(by: ca.issuing))
        #expect(published[1].name.hasPrefix("issuing-") && published[1].list.isSigned(by: next))

        try await rotate(.activate)
        #expect(states() == [.retiring, .active])
        let second = try await ca.issued(.x509())
        #expect(second.issuer == next.keyFingerprint)
        #expect(try IssuerCertificate(pem: ca.authority.chain(of: second.issuer)).der == next.der)
        // A reply that is repeated comes with the chain it had.
        #expect(try IssuerCertificate(pem: ca.authority.chain(of: first.issuer)).der == ca.issuing.der)
        published = try await lists()
        #expect(published.map(\.list.revoked.count) == [0, 0])
        #expect(published[0].list.isSigned(by: next))

        _ = try await ca.authority.revoke(
            RevocationOrder(.serial(first.serial, kind: .x509), reason: "lost"), by: Person.root.caller())
        published = try await lists()
        #expect(published[0].list.revoked.isEmpty)
        #expect(published[1].list.revoked.map(\.serial.hexadecimal) == [first.serial])
        #expect(published[1].list.isSigned(by: ca.issuing))
    }

    @Test func `a retired CA goes on signing lists as long as it has certificates`() async throws {
        let record = try await ca.issued(.x509())
        try await rotate(.prepare, try await certificate())
        try await rotate(.activate)
        await #expect(throws: CAKeyError.stillUsed(.issuing, key: record.issuer, until: record.validBefore)) {
            try await rotate(.retire)
        }
        let publisher = RevocationPublisher(authority: ca.authority)
        func installed() async throws -> [String] {
            _ = try await publisher.publish()
            return try #require(publisher.lists.certificates).installed.map(\.pem)
        }
        #expect(try await installed().count == 2)
        try await rotate(.retire, force: true)
        #expect(ca.authority.keys.current.workloads.published.count == 1)
        #expect(try await lists().count == 2)
        // Servers that install them together no longer know its CA.
        #expect(try await installed().count == 1)
        var restarted = try await ca.restarted()
        #expect(states(at: restarted) == [.retired, .active])
        #expect(try await lists(of: restarted).count == 2)
        ca.clock.advance(601)
        restarted = try await ca.restarted()
        #expect(try await lists(of: restarted).count == 1)
    }

    @Test func `the certificate that answers for the status of others does not keep a CA alive`() async throws {
        let key = try ca.vault.makeKey(for: .issuing)
        _ = try await ca.authority.responderCertificate(
            publicKey: SubjectPublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo),
            by: ca.authority.workloads.authority, lifetime: 86_400)
        try await rotate(.prepare, try await certificate())
        try await rotate(.activate)
        try await rotate(.retire)
        #expect(states() == [.retired, .active])
    }

    @Test func `only a certificate of this root for a key of this server is prepared`() async throws {
        func refused(_ certificate: IssuerCertificate?, _ reason: String) async {
            await #expect(throws: CAKeyError.certificateUnusable(reason)) { try await rotate(.prepare, certificate) }
        }
        await refused(nil, "there is none")
        await refused(ca.root, "it may sign CAs")
        await refused(ca.service, "the root did not sign it")
        await refused(ca.issuing, "another issuing CA has this name")
        await refused(try await certificate(named: "Test Issuing"), "another issuing CA has this name")
        await refused(
            try await certificate(for: ca.issuing.subjectPublicKeyInfo), "another issuing CA has this key")
        await refused(
            try await certificate(for: TestKeys.shared.get().service.subjectPublicKeyInfo),
            "this server has no key for it")
        let short = try await certificate(lifetime: 60)
        ca.clock.advance(61)
        await refused(short, "it is not valid now")
        #expect(states() == [.active])
        #expect(try await ca.events().isEmpty)
    }

    @Test func `a CA is revoked only once the root says so`() async throws {
        let old = ca.issuing
        try await rotate(.prepare, try await certificate())
        try await rotate(.activate)
        for list in [nil, try await rootList()] {
            await #expect(throws: CAKeyError.notOnRootList(key: old.keyFingerprint)) {
                try await rotate(.revoke, key: old.keyFingerprint, force: true, list: list)
            }
        }
        try await rotate(.revoke, key: old.keyFingerprint, list: try await rootList(revoking: [old]))
        #expect(states() == [.revoked, .active])
        #expect(try await lists().count == 1)
        #expect(try await states(at: ca.restarted()) == [.revoked, .active])
    }

    @Test func `a newer list of the root goes live with an event, an older or a foreign one does not`() async throws {
        let first = try await rootList()
        let root = RootAuthority(certificate: ca.root, list: first)
        ca.clock.advance(10)
        let second = try await rootList(revoking: [ca.issuing])
        try await ca.authority.publish(second, of: root)
        try await ca.authority.publish(second, of: root)
        #expect(root.list?.der == second.der)
        let events = try await ca.events()
        #expect(events.map(\.type) == [.keyUsed])
        #expect(events.first?.key?.purpose == "root-list")
        await #expect(throws: RootListError.older) { try await ca.authority.publish(first, of: root) }
        let foreign = try await lists()[0].list
        await #expect(throws: RootListError.notSigned) { try await ca.authority.publish(foreign, of: root) }
        #expect(root.list?.der == second.der)
    }

    @Test func `numbers of the root's list grow, also within a second`() async throws {
        let signer = try TestKeys.shared.get().root
        let now = ca.clock.wholeSeconds
        let first = try RevocationList(der: try await CACertificates.rootList(ca.root, signer: signer, now: now).der)
        let second = try await CACertificates.rootList(ca.root, signer: signer, after: first.number, now: now)
        #expect(try RevocationList(der: second.der).number > first.number)
    }

    @Test func `a machine renews with a certificate of a CA that signs no more, and not of one that was revoked`() async throws
    {
        let ca = try await TestCA(policy: TestCA.machinePolicy)
        let keys = try TestKeys.shared.get()
        let machine = TestMachine()
        let first = try await ca.enrolled(machine.enrolment(try await ca.machineToken()))
        let next = try await CACertificates.issuing(
            commonName: "Test Issuing 2", publicKey: SubjectPublicKey(subjectPublicKeyInfo: ca.authority.makeIssuingKey()),
            under: ca.root, signer: keys.root, now: ca.clock.wholeSeconds, lifetime: TestCA.year)
        func rotate(
            _ act: CAKeyOrder.Act, _ certificate: IssuerCertificate? = nil, key: String? = nil, list: RevocationList? = nil
        ) async throws {
            _ = try await ca.authority.rotate(
                CAKeyOrder(
                    act, .issuing, key: key, isForced: true, reason: "every year",
                    issuing: .init(certificate: certificate, root: ca.root, rootList: list)), by: Person.root.caller())
        }
        try await rotate(.prepare, next)
        #expect(ca.authority.machineCAs.map(\.der) == [ca.issuing.der])
        try await rotate(.activate)
        #expect(ca.authority.machineCAs.map(\.der) == [ca.issuing.der, next.der])
        let second = try await ca.renewed(first, machine.renewal())
        #expect(second.issuer == next.keyFingerprint)
        try await rotate(.retire, key: ca.issuing.keyFingerprint)
        #expect(ca.authority.machineCAs.map(\.der) == [ca.issuing.der, next.der])
        _ = try await ca.renewed(first, machine.renewal())

        let revoked = try RevokedCertificate(
            serial: try #require(ca.issuing.serial), revokedAt: ca.clock.wholeSeconds, reason: .authorityCompromise)
        let list = try await CACertificates.rootList(
            ca.root, signer: keys.root, revoked: RevokedEntries([revoked]), now: ca.clock.wholeSeconds)
        try await rotate(.revoke, key: ca.issuing.keyFingerprint, list: try RevocationList(der: list.der))
        #expect(ca.authority.machineCAs.map(\.der) == [next.der])
        await #expect(throws: EnrolmentRefusal.certificateInvalid("its CA does not count any more")) {
            try await ca.renewed(first, machine.renewal())
        }
    }
}
