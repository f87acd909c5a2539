// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import SSHCertificates
import ServiceAPI
import SwiftASN1
import TestSupport
import Testing
import X509

@testable import Client

struct CredentialFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func `ssh-keygen reads the key we write, which nobody else can`() async throws {
        let files = SSHCredentialFiles(path: directory.file("id"))
        #expect(try !files.hasKey())
        let key = OpenSSHPrivateKey(generating: .ed25519)
        try files.write(key, comment: "mayfly lab")
        #expect(try files.hasKey())
        #expect(try [files.path, files.publicKeyPath].map(mode(of:)) == [0o600, 0o644])
        let line = try await TestSupport.run("ssh-keygen", ["-y", "-f", files.path]).checked().stdout
        #expect(try SSHPublicKey(authorizedKey: line) == key.publicKey)
    }

    @Test(arguments: ["id", "id.pub"]) func `half a key pair is left alone`(_ name: String) throws {
        try directory.write("precious", to: name)
        #expect(throws: ClientError.wouldReplace(path: directory.file(name))) {
            try SSHCredentialFiles(path: directory.file("id")).hasKey()
        }
    }

    @Test func `a certificate replaces a certificate and nothing else`() async throws {
        let test = try await CertifiedKey(lifetime: "+1m")
        let certificate = directory.file("id-cert.pub")
        for _ in 0..<2 { try SSHCredentialFiles.write(test.certificate, comment: "c", to: certificate) }
        #expect(try SSHCertificate(authorizedKey: try directory.text(of: "id-cert.pub")) == test.certificate)
        let key = try directory.write("precious", to: "id")
        #expect(throws: ClientError.wouldReplace(path: key)) {
            try SSHCredentialFiles.write(test.certificate, comment: "c", to: key)
        }
        #expect(try directory.text(of: "id") == "precious")
    }

    @Test func `a certificate for another key is refused`() async throws {
        let test = try await CertifiedKey(lifetime: "+1m")
        let line = try test.certificate.authorizedKey()
        let other = OpenSSHPrivateKey(generating: .ed25519).publicKey
        #expect(throws: ClientError.certificateOfOtherKey) { try SSHCertificate(issued: line, for: other) }
    }

    @Test func `a credential is used again until half a minute before its end`() async throws {
        let test = try TestHome()
        let certified = try await CertifiedKey(lifetime: "+10m")
        let end = Date(timeIntervalSince1970: Double(certified.certificate.contents.validity.validBefore))
        let web = SSHDestination(host: "web1", login: "deploy")
        let cache = SSHCredentialCache(test.state)
        let (files, isValid) = try cache.prepare(for: web, role: nil, now: end - 600)
        #expect(!isValid)
        try files.write(certified.key, comment: "")
        try SSHCredentialFiles.write(certified.certificate, comment: "", to: files.certificatePath)
        #expect(try cache.prepare(for: web, role: nil, now: end - 30).isValid)
        #expect(try !cache.prepare(for: web, role: "other", now: end - 30).isValid)
        #expect(try !cache.prepare(for: SSHDestination(host: "web1", login: "root"), role: nil, now: end - 30).isValid)
        // Beside an old certificate, a key that is new is on its way to the next one.
        let elsewhere = SSHDestination(host: "web2", login: "deploy")
        try FileManager.default.setAttributes([.modificationDate: end - 10], ofItemAtPath: files.path)
        _ = try cache.prepare(for: elsewhere, role: nil, now: end)
        #expect(AtomicFile.exists(files.path))
        _ = try cache.prepare(for: elsewhere, role: nil, now: end + 50)
        #expect(!AtomicFile.exists(files.path))
        try files.write(certified.key, comment: "")
        try SSHCredentialFiles.write(certified.certificate, comment: "", to: files.certificatePath)
        #expect(try !cache.prepare(for: web, role: nil, now: end - 29).isValid)
        #expect(try FileManager.default.contentsOfDirectory(atPath: test.state.sshPath) == [])
    }

    @Test func `a damaged credential is found, and one whose key is another`() async throws {
        let test = try TestHome()
        let certified = try await CertifiedKey(lifetime: "+10m")
        let now = Date()
        let cache = SSHCredentialCache(test.state)
        let web = SSHDestination(host: "web1", login: "deploy")
        let files = try cache.prepare(for: web, role: nil, now: now).files
        #expect(try cache.check(now: now) == 0)
        try files.write(certified.key, comment: "", for: .owner)
        try SSHCredentialFiles.write(certified.certificate, comment: "", to: files.certificatePath, for: .owner)
        #expect(try cache.check(now: now) == 1)
        try StateFiles.check(test.state.path)
        let damaged = ClientError.damaged(path: files.certificatePath)
        try files.write(OpenSSHPrivateKey(generating: .ed25519), comment: "", for: .owner)
        #expect(throws: damaged) { try cache.check(now: now) }
        try AtomicFile.write("nothing", to: files.certificatePath)
        #expect(throws: damaged) { try cache.check(now: now) }
    }

    @Test func `openssl accepts the request, with the names asked for`() async throws {
        let names: [CertificateRequest.Name] = [
            .dns("web1.example.com"), .address([10, 0, 0, 1]), .email("ana@example.com"), .uri("spiffe://example.com/web"),
        ]
        let credential = try X509Credential(folder: CredentialFolder(directory.path), asking: CertificateRequest(names: names))
        let path = try directory.write(credential.request, to: "csr.pem")
        let text = try await TestSupport.run("openssl", ["req", "-in", path, "-noout", "-verify", "-text"]).checked()
        #expect(
            text.stdout.contains(
                "DNS:web1.example.com, IP Address:10.0.0.1, email:ana@example.com, URI:spiffe://example.com/web"))
    }

    private func issued(for key: P256.Signing.PublicKey) throws -> IssuedCertificate {
        try issued(for: Certificate.PublicKey(key))
    }

    private func issued(for key: Certificate.PublicKey) throws -> IssuedCertificate {
        let leaf = try TestAuthority().certificate(for: key)
        return IssuedCertificate(
            kind: .x509, serial: "1", certificate: try leaf.serializeAsPEM().pemString, chain: "ISSUER\n",
            role: "r", rule: "u", validAfter: Date(), validBefore: Date(), narrowed: [])
    }

    @Test func `issuing into a folder again keeps its key`() throws {
        let folder = try directory.makeDirectory("made")
        let key = P256.Signing.PrivateKey()
        try directory.write(key.pemRepresentation, to: "made/key.pem")
        let credential = try X509Credential(folder: CredentialFolder(folder), asking: CertificateRequest(names: []))
        #expect(!credential.isNew)
        let issued = try issued(for: key.publicKey)
        for _ in 0..<2 {
            #expect(try credential.write(issued) == ["cert.pem", "chain.pem"].map { "\(folder)/\($0)" })
        }
        #expect(try directory.text(of: "made/key.pem") == key.pemRepresentation)
        #expect(try directory.text(of: "made/chain.pem") == issued.certificate + "\nISSUER\n")
    }

    @Test func `a new folder gets a key and what was issued for it, nothing else`() throws {
        let folder = directory.file("tls")
        let first = try X509Credential(folder: CredentialFolder(folder), asking: CertificateRequest(names: []))
        #expect(first.isNew)
        let other = try issued(for: P256.Signing.PrivateKey().publicKey)
        #expect(throws: ClientError.certificateOfOtherKey) { try first.write(other) }
        #expect(!FileManager.default.fileExists(atPath: folder))
        let issued = try issued(for: try CertificateSigningRequest(pemEncoded: first.request).publicKey)
        #expect(try first.write(issued) == ["key.pem", "cert.pem", "chain.pem"].map { "\(folder)/\($0)" })
        #expect(try mode(of: folder + "/key.pem") == 0o600)
    }

    @Test func `for a request that was made elsewhere there is no key`() throws {
        let folder = directory.file("tls")
        let issued = try issued(for: P256.Signing.PrivateKey().publicKey)
        let request = X509Credential(folder: CredentialFolder(folder), request: "elsewhere")
        #expect(try request.write(issued) == ["cert.pem", "chain.pem"].map { "\(folder)/\($0)" })
    }

    @Test func `a key that cannot be read is not replaced`() throws {
        let path = try directory.write("precious", to: "key.pem")
        #expect(throws: ClientError.keyFile(path: path, reason: "not a private key in PEM without passphrase")) {
            try X509Credential(folder: CredentialFolder(directory.path), asking: CertificateRequest(names: []))
        }
        #expect(try directory.text(of: "key.pem") == "precious")
    }
}
