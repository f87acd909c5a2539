// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import SSHCertificates
import Testing
import X509Certificates

@testable import Issuance

/// What the certificates say. Reading an SSH certificate verifies its signature too.
@Suite struct CertificateTests {
    @Test func `an SSH certificate says what the policy allows`() async throws {
        let ca = try await TestCA()
        let key = try SSHPublicKey.new()
        let contents = try SSHCertificate(parsing: try await ca.issued(.ssh(key: key)).certificate).contents
        #expect(contents.kind == .user)
        #expect(contents.publicKey == key)
        #expect(contents.signatureKey == ca.authority.users.publicKey)
        #expect(contents.principals.names == ["deploy@zone:web"])
        #expect(contents.extensions.all.map(\.name) == ["permit-pty"])
        #expect(contents.criticalOptions.sourceAddresses.map(\.description) == ["10.0.0.7/32"])
        #expect(contents.criticalOptions.forceCommand == nil)
        #expect(!contents.criticalOptions.verifyRequired)
    }

    @Test func `an SSH certificate for one host is good for no other`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.ssh(host: "web1.example.com"))
        let contents = try SSHCertificate(parsing: record.certificate).contents
        #expect(contents.principals.names == ["deploy@host:web1.example.com"])
        #expect(record.host == "web1.example.com")
    }

    @Test func `a forced command is in the certificate`() async throws {
        let ca = try await TestCA()
        let contents = try SSHCertificate(parsing: try await ca.issued(.ssh("backup")).certificate).contents
        #expect(contents.criticalOptions.forceCommand == "/usr/bin/backup")
        #expect(contents.extensions.all == [.endSessionAtExpiry])
    }

    @Test func `the key id names person, role and rule`() async throws {
        let ca = try await TestCA()
        let contents = try SSHCertificate(parsing: try await ca.issued(.ssh()).certificate).contents
        #expect(contents.keyID == "ana@example.com/shell/engineers-work")
        #expect(try await ca.events().last?.certificate?.keyID == contents.keyID)
    }

    @Test func `a host certificate names its host, under a CA of its own`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.sshHost(host: "web7.example.com"))
        let contents = try SSHCertificate(parsing: record.certificate).contents
        #expect(contents.kind == .host)
        #expect(contents.principals.names == ["web7.example.com"])
        #expect(contents.signatureKey == ca.authority.hosts.publicKey)
        #expect(contents.signatureKey != ca.authority.users.publicKey)
        #expect(record.kind == .sshHost)
    }

    @Test func `ssh-keygen reads what was issued`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.ssh())
        let line = try SSHCertificate(parsing: record.certificate).authorizedKey()
        let text = try run("/usr/bin/ssh-keygen", ["-L", "-f", "certificate.pub"], with: ["certificate.pub": line + "\n"])
        #expect(text.contains("Key ID: \"ana@example.com/shell/engineers-work\""))
        #expect(text.contains("Signing CA: ED25519 \(record.issuer)"))
        #expect(text.contains("Serial: 1\n"))
    }

    @Test func `an X.509 certificate chains to the root of the workloads`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.x509())
        try await CertificateChain.verify(
            record.certificate, issuers: [ca.issuing.der], root: ca.root.der, usage: .server, at: ca.clock.now)
        #expect(record.issuer == ca.issuing.keyFingerprint)
        #expect(ca.authority.chain(of: record.issuer) == ca.issuing.pem)
    }

    @Test func `openssl accepts what was issued`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.x509(dns: ["web2.example.com"]))
        let output = try run(
            "/usr/bin/openssl",
            [
                "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "web2.example.com", "-attime",
                "\(Int(TestCA.start.timeIntervalSince1970))", "-CAfile", "root.pem", "-untrusted", "issuing.pem", "leaf.pem",
            ],
            with: ["root.pem": ca.root.pem, "issuing.pem": ca.issuing.pem, "leaf.pem": PEM.certificate(record.certificate)])
        #expect(output == "leaf.pem: OK\n")
    }

    @Test func `without names in the request the certificate has those of the role`() async throws {
        let ca = try await TestCA()
        #expect(try await ca.issued(.x509()).names == ["DNS:web1.example.com"])
    }

    @Test func `a name that the role does not give is denied`() async throws {
        let ca = try await TestCA()
        let denial = try await ca.authority.issue(.x509(dns: ["db1.example.com"]), for: Person.ana.caller()).denial
        #expect(denial?.description.contains("`db1.example.com` is not among its names") == true)
    }

    @Test func `the common name is the policy's`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.x509("client"))
        #expect(PresentedCertificate(der: record.certificate)?.commonName == "ana")
    }

    @Test func `serials of X.509 certificates are random`() async throws {
        let ca = try await TestCA()
        let first = try await ca.issued(.x509()).serial
        let second = try await ca.issued(.x509()).serial
        #expect(first.utf8.count == 32)
        #expect(first != second)
    }

    @Test func `a workload's certificate is no session and a session's no workload`() async throws {
        let ca = try await TestCA()
        let workload = try await ca.issued(.x509("client"))
        await #expect(throws: CertificateChainError.self) {
            try await CertificateChain.verify(
                workload.certificate, issuers: [ca.issuing.der], root: ca.service.der, usage: .client, at: ca.clock.now)
        }
        _ = try await ca.openSession()
        let session = try #require(try await ca.certificates().first { $0.kind == .session })
        try await CertificateChain.verify(
            session.certificate, issuers: [], root: ca.service.der, usage: .client, at: ca.clock.now)
        await #expect(throws: CertificateChainError.self) {
            try await CertificateChain.verify(
                session.certificate, issuers: [ca.issuing.der], root: ca.root.der, usage: .client, at: ca.clock.now)
        }
    }
}

/// What a program prints that has these files in its directory; it must succeed.
private func run(_ program: String, _ arguments: [String], with files: [String: String]) throws -> String {
    let directory = try ScratchDirectory()
    for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: "\(directory.path)/\(name)")) }
    // A file, not a pipe: another test's child may inherit the end of a pipe and keep it open.
    let output = "\(directory.path)/output"
    try Data().write(to: URL(filePath: output))
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: directory.path)
    process.environment = ["LC_ALL": "C", "TZ": "UTC"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    process.standardError = process.standardOutput
    try process.run()
    process.waitUntilExit()
    let text = try String(contentsOfFile: output, encoding: .utf8)
    try #require(process.terminationStatus == 0, "\(program): \(text)")
    return text
}
