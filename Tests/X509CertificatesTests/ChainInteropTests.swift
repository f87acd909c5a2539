// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import X509Certificates

/// Foreign verifiers have the last word on every pair of CA key and subject key.
struct ChainInteropTests {
    @Test(arguments: TestKey.authorities, TestKey.subjects)
    func `openssl and GnuTLS accept our chains`(_ authority: TestKey, _ subject: TestKey) throws {
        let root = try TestAuthority.root(key: authority)
        let issuing = try root.issuing(key: authority.testDescription == "Ed25519" ? .p384 : authority)
        let certificate = try issuing.issue(.sample(key: subject))
        let directory = try TemporaryDirectory()
        try directory.write(root.certificate.pem, to: "root.pem")
        try directory.write(issuing.certificate.pem, to: "issuing.pem")
        try directory.write(certificate.pem, to: "leaf.pem")
        try directory.write(certificate.pem + issuing.certificate.pem, to: "chain.pem")
        for purpose in ["sslclient", "sslserver"] {
            try directory.run(
                "openssl", "verify", "-x509_strict", "-check_ss_sig", "-auth_level", "2", "-purpose", purpose, "-CAfile",
                "root.pem",
                "-untrusted", "issuing.pem", "leaf.pem")
        }
        for host in ["web1.example.com", "localhost"] {
            try directory.run(
                "openssl", "verify", "-x509_strict", "-verify_hostname", host, "-CAfile", "root.pem", "-untrusted",
                "issuing.pem",
                "leaf.pem")
        }
        try directory.run(
            "openssl", "verify", "-x509_strict", "-verify_ip", "2001:db8::1", "-CAfile", "root.pem", "-untrusted",
            "issuing.pem",
            "leaf.pem")
        for purpose in ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"] {
            try directory.run(
                "certtool", "--verify", "--verify-purpose=\(purpose)", "--load-ca-certificate=root.pem", "--infile=chain.pem")
        }
    }

    @Test func `openssl reads what we wrote`() throws {
        let root = try TestAuthority.root(key: .p256)
        let serial = try SerialNumber(randomBits: [0x00, 0xff] + Array(repeating: 0x11, count: 14))
        let certificate = try root.issue(.sample(serial: serial))
        let directory = try TemporaryDirectory()
        try directory.write(certificate.der, to: "leaf.der")
        let text = try directory.run(
            "openssl", "x509", "-inform", "DER", "-in", "leaf.der", "-noout", "-text", "-nameopt", "RFC2253"
        )
        .split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }.joined(separator: "\n")
        for expected in [
            "Version: 3 (0x2)", "\nff:11:11:11", "Issuer: CN=Example root CA", "Subject: CN=ana@example.com",
            "Signature Algorithm: ecdsa-with-SHA256", "X509v3 Basic Constraints: critical\nCA:FALSE",
            "X509v3 Key Usage: critical\nDigital Signature\n",
            "X509v3 Extended Key Usage: \nTLS Web Server Authentication, TLS Web Client Authentication",
            "X509v3 Subject Alternative Name: \nDNS:web1.example.com, DNS:localhost, IP Address:10.1.2.3, IP Address:2001:DB8:0:0:0:0:0:1, email:Ana.B@example.com, URI:spiffe://example.com/web/1",
            "X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier",
        ] {
            #expect(text.contains(expected), "\(expected) in\n\(text)")
        }
        #expect(try PEM.decode(certificate.pem.utf8, labels: ["CERTIFICATE"]) == certificate.der)
    }

    @Test func `openssl reads the organizations of a subject, and keeps names uncritical beside them`() throws {
        let root = try TestAuthority.root(key: .p256)
        let certificate = try root.issue(.sample(commonName: nil, organizations: ["dev", "system:masters"]))
        let directory = try TemporaryDirectory()
        try directory.write(root.certificate.pem, to: "root.pem")
        try directory.write(certificate.pem, to: "leaf.pem")
        let text = try directory.run("openssl", "x509", "-in", "leaf.pem", "-noout", "-text", "-nameopt", "RFC2253")
        #expect(text.contains("Subject: O=system:masters,O=dev\n"), "\(text)")
        #expect(!text.contains("Subject Alternative Name: critical"))
        try directory.run("openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "root.pem", "leaf.pem")
    }

    @Test func `a certificate without subject has critical names`() throws {
        let root = try TestAuthority.root(key: .ed25519)
        let certificate = try root.issue(.sample(commonName: nil))
        let directory = try TemporaryDirectory()
        try directory.write(root.certificate.pem, to: "root.pem")
        try directory.write(certificate.pem, to: "leaf.pem")
        let text = try directory.run("openssl", "x509", "-in", "leaf.pem", "-noout", "-text")
        #expect(text.contains("Subject: \n") && text.contains("X509v3 Subject Alternative Name: critical"))
        try directory.run("openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "root.pem", "leaf.pem")
        try directory.run("certtool", "--verify", "--load-ca-certificate=root.pem", "--infile=leaf.pem")
    }

    @Test func `openssl reads a CA certificate as we meant it`() throws {
        let root = try TestAuthority.root(key: .p384)
        let issuing = try root.issuing(key: .ed25519)
        let directory = try TemporaryDirectory()
        try directory.write(root.certificate.pem, to: "root.pem")
        try directory.write(issuing.certificate.pem, to: "issuing.pem")
        let rootText = try directory.run("openssl", "x509", "-in", "root.pem", "-noout", "-text")
        #expect(rootText.contains("CA:TRUE, pathlen:1") && rootText.contains("Certificate Sign, CRL Sign"))
        #expect(!rootText.contains("Authority Key Identifier") && rootText.contains("ecdsa-with-SHA384"))
        let issuingText = try directory.run("openssl", "x509", "-in", "issuing.pem", "-noout", "-text")
        #expect(issuingText.contains("CA:TRUE, pathlen:0") && issuingText.contains("Authority Key Identifier"))
        #expect(issuingText.contains("Public Key Algorithm: ED25519"))
    }

    @Test func `openssl refuses what a certificate is not for`() throws {
        let root = try TestAuthority.root(key: .p256)
        let client = try root.issue(.sample(usage: [.client]))
        let server = try root.issue(.sample(usage: [.server]))
        let other = try TestAuthority.root(key: .newP256())
        let directory = try TemporaryDirectory()
        try directory.write(root.certificate.pem, to: "root.pem")
        try directory.write(other.certificate.pem, to: "other.pem")
        try directory.write(client.pem, to: "client.pem")
        try directory.write(server.pem, to: "server.pem")
        func accepts(_ arguments: String...) throws -> Bool {
            try directory.attempt("openssl", ["verify"] + arguments).status == 0
        }
        #expect(try accepts("-purpose", "sslclient", "-CAfile", "root.pem", "client.pem"))
        #expect(try !accepts("-purpose", "sslserver", "-CAfile", "root.pem", "client.pem"))
        #expect(try accepts("-purpose", "sslserver", "-CAfile", "root.pem", "server.pem"))
        #expect(try !accepts("-purpose", "sslclient", "-CAfile", "root.pem", "server.pem"))
        #expect(try !accepts("-purpose", "sslclient", "-CAfile", "other.pem", "client.pem"))
        #expect(
            try !accepts("-purpose", "sslclient", "-verify_hostname", "web2.example.com", "-CAfile", "root.pem", "client.pem"))
    }
}
