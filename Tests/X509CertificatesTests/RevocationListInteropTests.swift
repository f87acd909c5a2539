// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

/// Foreign verifiers have the last word on revocation lists.
struct RevocationListInteropTests {
    /// A root, an issuing CA and what openssl says of certificates under it.
    private struct Scene {
        let root: TestAuthority
        let issuing: TestAuthority
        let directory: TemporaryDirectory

        init(_ key: TestKey) throws {
            root = try TestAuthority.root(key: key)
            issuing = try root.issuing(key: key)
            directory = try TemporaryDirectory()
            try directory.write(root.certificate.pem, to: "root.pem")
            try directory.write(issuing.certificate.pem, to: "issuing.pem")
        }

        func issue(_ name: String, _ source: StatusSource = .unstated) throws -> SerialNumber {
            let profile = try CertificateProfile.sample(statusSource: source)
            try directory.write(issuing.issue(profile).pem, to: name)
            return profile.serial
        }

        func verify(_ certificate: String, lists: [String], _ more: String...) throws -> (status: Int32, output: String) {
            try directory.attempt(
                "openssl",
                ["verify", "-x509_strict", "-crl_check", "-crl_check_all", "-CAfile", "root.pem", "-untrusted", "issuing.pem"]
                    + lists.flatMap { ["-CRLfile", $0] } + more + [certificate])
        }
    }

    @Test(arguments: TestKey.authorities)
    func `openssl and GnuTLS go by our lists along the whole chain`(_ key: TestKey) throws {
        let scene = try Scene(key)
        _ = try scene.issue("good.pem")
        let revoked = try scene.issue("revoked.pem")
        try scene.directory.write(scene.root.list(.sampleFull(1)).pem, to: "root.crl")
        let entries = try RevokedEntries([
            .sample(revoked, .keyCompromise), .sample(.random()), .sample(.random(), .superseded),
        ])
        try scene.directory.write(scene.issuing.list(.sampleFull(2), entries).pem, to: "issuing.crl")
        let good = try scene.verify("good.pem", lists: ["root.crl", "issuing.crl"])
        #expect(good.status == 0, "\(good.output)")
        let bad = try scene.verify("revoked.pem", lists: ["root.crl", "issuing.crl"])
        #expect(bad.status != 0 && bad.output.contains("certificate revoked"), "\(bad.output)")
        let noRootList = try scene.verify("good.pem", lists: ["issuing.crl"])
        #expect(noRootList.output.contains("unable to get certificate CRL"), "\(noRootList.output)")
        for (list, authority) in [("root.crl", "root.pem"), ("issuing.crl", "issuing.pem")] {
            try scene.directory.run("openssl", "crl", "-in", list, "-noout", "-verify", "-CAfile", authority)
            try scene.directory.run("certtool", "--verify-crl", "--load-ca-certificate=\(authority)", "--infile=\(list)")
        }
    }

    @Test func `openssl refuses everything under a revoked issuing CA`() throws {
        let scene = try Scene(.p256)
        _ = try scene.issue("leaf.pem")
        let serial = try #require(PresentedCertificate(der: scene.issuing.certificate.der)).serial
        let entries = try RevokedEntries([.sample(serial, .authorityCompromise)])
        try scene.directory.write(scene.root.list(.sampleFull(), entries).pem, to: "root.crl")
        try scene.directory.write(scene.issuing.list(.sampleFull()).pem, to: "issuing.crl")
        let result = try scene.verify("leaf.pem", lists: ["root.crl", "issuing.crl"])
        #expect(result.status != 0 && result.output.contains("certificate revoked"), "\(result.output)")
    }

    @Test func `openssl takes a list only for certificates that name its distribution point`() throws {
        let scene = try Scene(.p384)
        let point = "http://pki.example.com/issuing.crl"
        _ = try scene.issue("named.pem", .published(PublishedStatus(lists: ["http://mirror.example.com/x", point])))
        _ = try scene.issue("other.pem", .published(PublishedStatus(lists: ["http://pki.example.com/other.crl"])))
        _ = try scene.issue("unnamed.pem")
        try scene.directory.write(scene.root.list(.sampleFull()).pem, to: "root.crl")
        try scene.directory.write(scene.issuing.list(.sampleFull(distributionPoint: point)).pem, to: "issuing.crl")
        let lists = ["root.crl", "issuing.crl"]
        let named = try scene.verify("named.pem", lists: lists)
        #expect(named.status == 0, "\(named.output)")
        for certificate in ["other.pem", "unnamed.pem"] {
            let result = try scene.verify(certificate, lists: lists)
            #expect(result.status != 0 && result.output.contains("different CRL scope"), "\(result.output)")
        }
    }

    @Test func `openssl adds delta lists to the full one`() throws {
        let scene = try Scene(.ed25519)
        let point = "http://pki.example.com/issuing.crl"
        let source = StatusSource.published(try PublishedStatus(lists: [point]))
        _ = try scene.issue("good.pem", source)
        let later = try scene.issue("later.pem", source)
        let held = try scene.issue("held.pem", source)
        let base = try RevokedEntries([.sample(held, .certificateHold)])
        var now = base
        try now.update(adding: [.sample(later, .cessationOfOperation)], removing: [held])
        let full = try RevocationListProfile.sampleFull(
            5, distributionPoint: point, freshest: "http://pki.example.com/delta.crl")
        try scene.directory.write(scene.root.list(.sampleFull()).pem, to: "root.crl")
        try scene.directory.write(scene.issuing.list(full, base).pem, to: "full.crl")
        let delta = try RevocationListProfile.sampleDelta(6, base: 5, distributionPoint: point)
        try scene.directory.write(scene.issuing.list(delta, now.changes(since: base)).pem, to: "delta.crl")
        // Without `-extended_crl` openssl 3.0 takes a delta list for a full one.
        func isAccepted(_ certificate: String, _ more: String...) throws -> Bool {
            let lists = ["root.crl", "full.crl"] + (more.isEmpty ? [] : ["delta.crl"])
            return try scene.verify(certificate, lists: lists, "-extended_crl", more.first ?? "-x509_strict").status == 0
        }
        #expect(try isAccepted("good.pem", "-use_deltas"))
        #expect(try isAccepted("later.pem"))
        #expect(try !isAccepted("later.pem", "-use_deltas"))
        #expect(try !isAccepted("held.pem"))
        #expect(try isAccepted("held.pem", "-use_deltas"))
    }

    private func lines(_ text: String) -> String {
        text.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }.joined(separator: "\n")
    }

    @Test func `openssl reads what we wrote`() throws {
        let root = try TestAuthority.root(key: .p256)
        let serial = try SerialNumber(randomBits: [0x00, 0xff] + Array(repeating: 0x11, count: 14))
        let entries = try RevokedEntries([.sample(serial, .keyCompromise), .sample(.number(0x4711))])
        let full = try RevocationListProfile.sampleFull(
            0x1234, distributionPoint: "http://pki.example.com/ca.crl", freshest: "http://pki.example.com/delta.crl")
        let directory = try TemporaryDirectory()
        try directory.write(root.list(full, entries).der, to: "full.crl")
        let text = lines(
            try directory.run(
                "openssl", "crl", "-inform", "DER", "-in", "full.crl", "-noout", "-text", "-nameopt", "RFC2253"))
        for expected in [
            "Version 2 (0x1)", "Signature Algorithm: ecdsa-with-SHA256", "Issuer: CN=Example root CA",
            "X509v3 Authority Key Identifier", "X509v3 CRL Number: \n4660",
            "X509v3 Issuing Distribution Point: critical\nFull Name:\nURI:http://pki.example.com/ca.crl",
            "X509v3 Freshest CRL: \nFull Name:\nURI:http://pki.example.com/delta.crl",
            "Serial Number: 4711\n", "Serial Number: FF1111111111111111111111111111\n",
            "X509v3 CRL Reason Code: \nKey Compromise",
        ] {
            #expect(text.contains(expected), "\(expected) in\n\(text)")
        }
        #expect(text.components(of: "CRL Reason Code") == 1)
        try directory.write(root.list(.sampleDelta(0x1235, base: 0x1234), entries).der, to: "delta.crl")
        let delta = lines(try directory.run("openssl", "crl", "-inform", "DER", "-in", "delta.crl", "-noout", "-text"))
        #expect(delta.contains("X509v3 Delta CRL Indicator: critical\n4660"), "\(delta)")
        try directory.write(root.list(.sampleFull()).pem, to: "empty.crl")
        #expect(try directory.run("openssl", "crl", "-in", "empty.crl", "-noout", "-text").contains("No Revoked Certificates"))
    }

    @Test func `GnuTLS finds a certificate of ours revoked`() throws {
        let scene = try Scene(.p256)
        let serial = try scene.issue("leaf.pem")
        let leaf = try scene.directory.read("leaf.pem")
        try scene.directory.write(leaf + scene.issuing.certificate.pem, to: "chain.pem")
        func verify(_ entries: RevokedEntries) throws -> (status: Int32, output: String) {
            let lists = try scene.issuing.list(.sampleFull(), entries).pem + scene.root.list(.sampleFull()).pem
            try scene.directory.write(lists, to: "lists.crl")
            return try scene.directory.attempt(
                "certtool", ["--verify", "--load-ca-certificate=root.pem", "--load-crl=lists.crl", "--infile=chain.pem"])
        }
        let good = try verify(RevokedEntries([.sample(.random())]))
        #expect(good.status == 0, "\(good.output)")
        let bad = try verify(RevokedEntries([.sample(serial)]))
        #expect(bad.status != 0 && bad.output.contains("revoked"), "\(bad.output)")
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { split(separator: part, omittingEmptySubsequences: false).count - 1 }
}
