// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

/// What certificates say about where their revocation is told.
struct StatusSourceTests {
    private static let root = Result { try TestAuthority.root(key: .p256) }
    private static let lists = ["http://pki.example.com/issuing.crl", "http://mirror.example.com:8080/issuing.crl"]
    private static let ocsp = "http://pki.example.com/ocsp"
    /// Places in `TBSCertificate` and in the extensions.
    private static let extensions = 7, distributionPoints = 6, informationAccess = 7, noRevocationAvailable = 6

    private static func published() throws -> StatusSource { .published(try PublishedStatus(lists: lists, ocsp: ocsp)) }

    private func error(_ source: StatusSource, _ change: (inout DERTree) -> Void) throws -> LintError? {
        let issuer = try Self.root.get().certificate
        let profile = try CertificateProfile.sample(statusSource: source)
        var tree = DERTree(try UnsignedCertificate.endEntity(profile, issuer: issuer).toBeSigned)
        change(&tree)
        do throws(LintError) {
            try CertificateLinter.check(tree.bytes, says: profile, issuer: issuer)
            return nil
        } catch {
            #expect(!error.description.isEmpty)
            return error
        }
    }

    /// Changes the value of an extension.
    private func error(_ source: StatusSource, _ place: Int, _ change: (inout DERTree) -> Void) throws -> LintError? {
        try error(source) { tree in
            var value = DERTree(tree[Self.extensions, 0, place, 1].contents)
            change(&value)
            tree[Self.extensions, 0, place, 1].contents = value.bytes
        }
    }

    @Test func `nothing is said by default`() throws {
        #expect(try CertificateProfile.sample().statusSource == .unstated)
        let unsigned = try UnsignedCertificate.endEntity(.sample(), issuer: Self.root.get().certificate)
        #expect(DERTree(unsigned.toBeSigned)[Self.extensions, 0].children.count == 6)
    }

    @Test func `addresses are exactly those of the profile`() throws {
        let source = try Self.published()
        #expect(try error(source) { _ in } == nil)
        let points = Self.distributionPoints
        #expect(try error(source, points) { $0[0, 0, 0, 0].contents[7] ^= 1 } == .differs(.distributionPoints))
        #expect(try error(source, points) { $0[0, 0, 0].children.removeLast() } == .differs(.distributionPoints))
        #expect(try error(source, points) { $0[0, 0, 0].children.swapAt(0, 1) } == .differs(.distributionPoints))
        #expect(try error(source, points) { $0[0, 0, 0, 0].tag = 0x82 } == .differs(.distributionPoints))
        #expect(try error(source, points) { $0.children.append($0[0]) } == .differs(.distributionPoints))
        #expect(try error(source, points) { $0.children = [] } == .differs(.distributionPoints))
        #expect(try error(source, points) { $0[0].children.append(DERTree(0x81, [7, 0x80])) } == .differs(.distributionPoints))
        let access = Self.informationAccess
        #expect(try error(source, access) { $0[0, 1].contents[7] ^= 1 } == .differs(.authorityInformationAccess))
        #expect(try error(source, access) { $0[0, 0].contents[7] = 2 } == .differs(.authorityInformationAccess))
        #expect(try error(source, access) { $0.children.append($0[0]) } == .differs(.authorityInformationAccess))
        #expect(try error(source, access) { $0[0, 1].tag = 0x81 } == .differs(.authorityInformationAccess))
    }

    @Test func `addresses are there as they were intended, and not critical`() throws {
        let source = try Self.published()
        let (points, access) = (Self.distributionPoints, Self.informationAccess)
        #expect(try error(source) { $0[7, 0].children.remove(at: points) } == .missing(.distributionPoints))
        #expect(try error(source) { $0[7, 0].children.remove(at: access) } == .missing(.authorityInformationAccess))
        for (place, field) in [(points, CertificateField.distributionPoints), (access, .authorityInformationAccess)] {
            #expect(try error(source) { $0[7, 0, place].children.insert(DERTree(0x01, [0xff]), at: 1) } == .criticality(field))
        }
        let onlyLists = StatusSource.published(try PublishedStatus(lists: Self.lists))
        #expect(try error(onlyLists) { _ in } == nil)
        let onlyOCSP = StatusSource.published(try PublishedStatus(ocsp: Self.ocsp))
        #expect(try error(onlyOCSP) { _ in } == nil)
    }

    @Test func `there is no revocation only where that was intended, and no address beside it`() throws {
        let statement = RequestBuilder.field(56, .null)
        #expect(try error(.notAvailable) { _ in } == nil)
        let place = Self.noRevocationAvailable
        #expect(try error(.notAvailable) { $0[7, 0].children.remove(at: place) } == .missing(.noRevocationAvailable))
        #expect(
            try error(.notAvailable) { $0[7, 0, place, 1].contents = [0x30, 0x00] } == .differs(.noRevocationAvailable))
        #expect(
            try error(.notAvailable) { $0[7, 0, place].children.insert(DERTree(0x01, [0xff]), at: 1) }
                == .criticality(.noRevocationAvailable))
        for source in [StatusSource.unstated, try Self.published()] {
            #expect(try error(source) { $0[7, 0].children.append(statement) } == .unexpectedExtension("2.5.29.56"))
        }
        let issuer = try Self.root.get().certificate
        let other = DERTree(
            try UnsignedCertificate.endEntity(.sample(statusSource: Self.published()), issuer: issuer).toBeSigned)
        for (place, identifier) in [(6, "2.5.29.31"), (7, "1.3.6.1.5.5.7.1.1")] {
            #expect(
                try error(.notAvailable) { $0[7, 0].children.append(other[7, 0, place]) } == .unexpectedExtension(identifier))
        }
    }

    @Test func `a CA certificate never says that there is no revocation`() throws {
        let profile = try TestAuthority.profile("Example root CA", key: .p256, pathLength: 1)
        var tree = DERTree(UnsignedCertificate.root(profile).toBeSigned)
        tree[7, 0].children.append(RequestBuilder.field(56, .null))
        #expect(throws: LintError.unexpectedExtension("2.5.29.56")) {
            try CertificateLinter.check(tree.bytes, says: profile, issuer: nil)
        }
    }

    @Test(
        arguments: [
            "https://pki.example.com/a", "ldap://pki.example.com/a", "http://", "http://pki.example.com/a?b", "pki.example.com",
            "HTTP://pki.example.com/a", "http://pki.example.com/%61", "",
        ])
    func `an address is one of plain HTTP`(_ text: String) {
        #expect(throws: ProfileError.statusAddress(text)) { try PublishedStatus(lists: [text]) }
        #expect(throws: ProfileError.statusAddress(text)) { try PublishedStatus(ocsp: text) }
    }

    @Test func `there is at least one address, none twice, and not too many`() throws {
        #expect(throws: ProfileError.statusAddress("")) { try PublishedStatus() }
        #expect(throws: ProfileError.statusAddress(Self.ocsp)) { try PublishedStatus(lists: [Self.ocsp, Self.ocsp]) }
        #expect(throws: ProfileError.tooManyStatusAddresses(limit: 8)) {
            try PublishedStatus(lists: (0...8).map { "http://pki\($0).example.com/" })
        }
    }

    @Test func `openssl and GnuTLS read the addresses, and accept each kind`() throws {
        let root = try Self.root.get()
        let directory = try TemporaryDirectory()
        try directory.write(root.certificate.pem, to: "root.pem")
        for (source, expected) in [
            (try Self.published(), Self.lists.map { "URI:" + $0 } + ["OCSP - URI:" + Self.ocsp]),
            (.notAvailable, ["No Revocation Available"]),
        ] {
            try directory.write(root.issue(.sample(statusSource: source)).pem, to: "leaf.pem")
            let text = try directory.run("openssl", "x509", "-in", "leaf.pem", "-noout", "-text")
            for part in expected { #expect(text.contains(part), "\(part) in \(text)") }
            try directory.run("openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "root.pem", "leaf.pem")
            try directory.run("certtool", "--verify", "--load-ca-certificate=root.pem", "--infile=leaf.pem")
        }
    }

    @Test(arguments: [StatusSource.unstated, .notAvailable])
    func `swift-certificates accepts each kind`(_ source: StatusSource) async throws {
        let root = try Self.root.get()
        for source in [source, try Self.published()] {
            let leaf = try root.issue(.sample(statusSource: source))
            try await CertificateChain.verify(
                leaf.der, issuers: [], root: root.certificate.der, usage: .server, at: TestTime.now)
        }
    }
}
