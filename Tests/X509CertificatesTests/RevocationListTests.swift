// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import X509Certificates

struct RevocationListTests {
    private static let root = Result { try TestAuthority.root(key: .p256) }
    private static let point = "http://pki.example.com/issuing.crl"
    private static let freshest = "http://pki.example.com/delta.crl"

    private static func sample(_ key: TestKey = .p256) throws -> (list: SignedRevocationList, entries: RevokedEntries) {
        let reasons = RevocationReason.allCases.filter { $0 != .removeFromList }
        let entries = try RevokedEntries(reasons.map { try .sample(.random(), $0) })
        let profile = try RevocationListProfile.sampleFull(distributionPoint: point, freshest: freshest)
        let authority = try key.testDescription == TestKey.p256.testDescription ? root.get() : .root(key: key)
        return (try authority.list(profile, entries), entries)
    }

    @Test(arguments: TestKey.authorities)
    func `a list is read as it was written`(_ key: TestKey) throws {
        let authority = try TestAuthority.root(key: key)
        let (_, entries) = try Self.sample()
        let profile = try RevocationListProfile.sampleFull(distributionPoint: Self.point, freshest: Self.freshest)
        let written = try authority.list(profile, entries)
        let list = try RevocationList(der: written.der)
        #expect(list.revoked == entries.certificates)
        #expect(list.number == RevocationListNumber(5) && list.base == nil)
        #expect(list.thisUpdate == TestTime.after(-60) && list.nextUpdate == TestTime.after(3600))
        #expect(list.distributionPoint == Self.point && list.freshest == Self.freshest)
        #expect(list.isSigned(by: authority.certificate))
        #expect(try RevocationList(pem: written.pem).der == written.der)
        let other = try TestAuthority.root(key: .newP256())
        #expect(!list.isSigned(by: other.certificate))
    }

    @Test func `a delta list is read as it was written, and an empty list has no entries`() throws {
        let authority = try Self.root.get()
        let entries = try RevokedEntries([.sample(.number(1), .removeFromList), .sample(.number(2))])
        let delta = try RevocationList(der: authority.list(.sampleDelta(), entries).der)
        #expect(delta.number == RevocationListNumber(6) && delta.base == RevocationListNumber(5))
        #expect(delta.revoked == entries.certificates && delta.freshest == nil && delta.distributionPoint == nil)
        #expect(try RevocationList(der: authority.list(.sampleFull()).der).revoked.isEmpty)
    }

    @Test func `a list after 2049 has times of the other form`() throws {
        let authority = try Self.root.get()
        let (start, end) = (Date(timeIntervalSince1970: 2_524_607_999), Date(timeIntervalSince1970: 2_524_608_000))
        let profile = try RevocationListProfile.full(
            number: RevocationListNumber(1), after: nil, thisUpdate: start, nextUpdate: end)
        let entries = try RevokedEntries([RevokedCertificate(serial: .random(), revokedAt: end)])
        let list = try RevocationList(der: authority.list(profile, entries).der)
        #expect(list.thisUpdate == start && list.nextUpdate == end && list.revoked == entries.certificates)
    }

    @Test(
        arguments: [
            (RevocationListError.number, { @Sendable in try full(number: 5, after: 5) }),
            (.number, { @Sendable in try full(number: 4, after: 5) }),
            (.time, { @Sendable in try full(from: 0.5) }),
            (.time, { @Sendable in try full(to: .infinity) }),
            (.endsBeforeItBegins, { @Sendable in try full(from: 60, to: 60) }),
            (.address("https://a.example/crl"), { @Sendable in try .sampleFull(distributionPoint: "https://a.example/crl") }),
            (.address("http://a.example/?q"), { @Sendable in try .sampleFull(freshest: "http://a.example/?q") }),
            (.number, { @Sendable in try .sampleDelta(5, base: 5) }),
            (.number, { @Sendable in try .sampleDelta(5, base: 6) }),
            (.address("ldap://a"), { @Sendable in try .sampleDelta(distributionPoint: "ldap://a") }),
        ] as [(RevocationListError, @Sendable () throws -> RevocationListProfile)])
    func `contents that make no sense are refused`(
        _ error: RevocationListError, _ make: @Sendable () throws -> RevocationListProfile
    ) {
        #expect(throws: error) { try make() }
        #expect(!error.description.isEmpty)
    }

    private static func full(
        number: UInt64 = 5, after previous: UInt64? = nil, from: Double = -60, to: Double = 3600
    ) throws -> RevocationListProfile {
        try .full(
            number: RevocationListNumber(number), after: previous.map { RevocationListNumber($0) },
            thisUpdate: TestTime.after(from), nextUpdate: TestTime.after(to))
    }

    @Test func `a full list takes nothing back, and a CA that may not sign lists signs none`() throws {
        let authority = try Self.root.get()
        let removal = try RevokedEntries([.sample(.random(), .removeFromList)])
        #expect(throws: RevocationListError.removalInFullList) {
            try UnsignedRevocationList(.sampleFull(), entries: removal, issuer: authority.certificate)
        }
        let issuer = try Self.issuerThatOnlySignsCertificates()
        #expect(throws: RevocationListError.issuerCannotSign) {
            try UnsignedRevocationList(.sampleFull(), entries: RevokedEntries(), issuer: issuer)
        }
        let profile = try RevocationListProfile.sampleFull()
        let good = try UnsignedRevocationList(profile, entries: RevokedEntries(), issuer: authority.certificate).toBeSigned
        #expect(throws: RevocationListLintError.issuerCannotSign) {
            try RevocationListLinter.check(good, says: profile, entries: RevokedEntries(), issuer: issuer)
        }
        #expect(try !RevocationList(der: authority.list(profile).der).isSigned(by: issuer))
    }

    /// The root's certificate with another key usage; its signature is then wrong, which nobody asks here.
    private static func issuerThatOnlySignsCertificates() throws -> IssuerCertificate {
        var tree = try DERTree(root.get().certificate.der)
        tree[0, 7, 0, 1, 2].contents = [0x03, 0x02, 0x02, 0x04]
        return try IssuerCertificate(der: tree.bytes)
    }

    @Test func `a signature of another kind of key is refused`() throws {
        let authority = try Self.root.get()
        let unsigned = try UnsignedRevocationList(
            .sampleFull(), entries: RevokedEntries(), issuer: authority.certificate)
        #expect(throws: SignatureEncodingError.notOfThisKey) {
            try unsigned.signed(TestKey.ed25519.sign(unsigned.toBeSigned))
        }
    }

    @Test func `numbers ascend up to 20 bytes`() throws {
        #expect(RevocationListNumber(0).encoded == [0x02, 0x01, 0x00])
        #expect(RevocationListNumber(127).next?.encoded == [0x02, 0x02, 0x00, 0x80])
        #expect(RevocationListNumber(.max).next?.magnitude == [1, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(RevocationListNumber(255) < RevocationListNumber(256) && RevocationListNumber(9) > RevocationListNumber(8))
        let highest = try #require(RevocationListNumber(magnitude: [0, 0x7f] + Array(repeating: 0xff, count: 19)))
        #expect(highest.next == nil && highest.encoded.count == 22)
        #expect(RevocationListNumber(magnitude: [0x80] + Array(repeating: 0, count: 19)) == nil)
        #expect(RevocationListNumber(magnitude: [1] + Array(repeating: 0, count: 20)) == nil)
        let authority = try Self.root.get()
        let profile = try RevocationListProfile.full(
            number: highest, after: RevocationListNumber(3), thisUpdate: TestTime.now, nextUpdate: TestTime.after(60))
        #expect(try RevocationList(der: authority.list(profile).der).number == highest)
    }

    @Test func `what is no list is refused with the reason`() throws {
        let good = try Self.sample().list
        func error(_ change: (inout DERTree) -> Void) -> RevocationListSyntaxError? {
            var tree = DERTree(good.der)
            change(&tree)
            do throws(RevocationListSyntaxError) {
                _ = try RevocationList(der: tree.bytes)
                return nil
            } catch {
                return error
            }
        }
        #expect(error { _ in } == nil)
        #expect(error { $0[1] = DERTree(X509SignatureAlgorithm.ecdsaSHA384.encoded) } == .signatureAlgorithm)
        #expect(error { $0[0, 1] = DERTree(X509SignatureAlgorithm.ecdsaSHA384.encoded) } == .signatureAlgorithm)
        #expect(error { $0[2].contents[0] = 1 } == .malformed)
        #expect(error { $0.children.append(.null) } == .malformed)
        #expect(throws: RevocationListSyntaxError.tooLarge(limit: RevocationList.maximumBytes)) {
            try RevocationList(der: Array(repeating: 0x30, count: RevocationList.maximumBytes + 1))
        }
        #expect(throws: RevocationListSyntaxError.pem(.otherLabel("CERTIFICATE"))) {
            try RevocationList(pem: PEM.certificate(good.der))
        }
    }

    @Test func `every truncation is refused, and every flipped bit is refused or breaks the signature`() throws {
        let authority = try Self.root.get()
        let entries = try RevokedEntries([.sample(.random(), .keyCompromise)])
        let good = try authority.list(.sampleFull(distributionPoint: Self.point, freshest: Self.freshest), entries).der
        for index in good.indices {
            #expect(throws: RevocationListSyntaxError.self) { try RevocationList(der: Array(good.prefix(index))) }
            for bit in 0..<8 {
                var bytes = good
                bytes[index] ^= 1 << UInt8(bit)
                guard let changed = try? RevocationList(der: bytes) else { continue }
                #expect(!changed.isSigned(by: authority.certificate), "bit \(bit) of byte \(index)")
            }
        }
    }
}
