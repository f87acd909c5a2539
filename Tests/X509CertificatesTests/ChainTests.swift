// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import X509Certificates

struct ChainTests {
    private struct Authorities {
        let root: TestAuthority
        let issuing: TestAuthority
        let service: TestAuthority

        init() throws {
            root = try .root(key: .p384)
            issuing = try root.issuing(key: .p256)
            service = try .root("Example service CA", key: .ed25519, pathLength: 0)
        }
    }

    private func reason(
        _ certificate: X509Certificate, issuers: [TestAuthority], root: TestAuthority, usage: CertificateUsage = .client,
        at time: Date = TestTime.now
    ) async -> CertificateChainError? {
        do throws(CertificateChainError) {
            try await CertificateChain.verify(
                certificate.der, issuers: issuers.map(\.certificate.der), root: root.certificate.der, usage: usage, at: time)
            return nil
        } catch {
            return error
        }
    }

    @Test func `swift-certificates accepts our chains`() async throws {
        let authorities = try Authorities()
        let leaf = try authorities.issuing.issue(.sample())
        #expect(await reason(leaf, issuers: [authorities.issuing], root: authorities.root) == nil)
        #expect(await reason(leaf, issuers: [authorities.issuing], root: authorities.root, usage: .server) == nil)
        let session = try authorities.service.issue(
            .sample(names: SubjectNames(uris: ["urn:mayfly:session:0123456789abcdef"]), usage: [.client]))
        #expect(await reason(session, issuers: [], root: authorities.service) == nil)
    }

    @Test func `neither authority's certificates pass under the other`() async throws {
        let authorities = try Authorities()
        let session = try authorities.service.issue(.sample(commonName: "postgres"))
        let workload = try authorities.issuing.issue(.sample(commonName: "postgres"))
        let nobody = CertificateChainError.notValid(reasons: [])
        let all = [authorities.issuing, authorities.service, authorities.root]
        #expect(await reason(session, issuers: all, root: authorities.root) == nobody)
        #expect(await reason(workload, issuers: all, root: authorities.service) == nobody)
    }

    @Test func `authorities of the same name are told apart by their keys`() async throws {
        let first = try TestAuthority.root(key: .p256)
        let second = try TestAuthority.root(key: .newP256())
        let leaf = try first.issue(.sample())
        #expect(await reason(leaf, issuers: [], root: first) == nil)
        #expect(await reason(leaf, issuers: [], root: second) != nil)
        #expect(leaf.isSigned(by: first.certificate) && !leaf.isSigned(by: second.certificate))
    }

    @Test(arguments: [(-61.0, false), (-60, true), (3600, true), (3601, false)])
    func `a certificate is valid from its first second through its last`(_ offset: Double, _ isValid: Bool) async throws {
        let root = try TestAuthority.root(key: .p256)
        let leaf = try root.issue(.sample())
        #expect(await (reason(leaf, issuers: [], root: root, at: TestTime.after(offset)) == nil) == isValid)
    }

    @Test func `a certificate is only for its usage`() async throws {
        let root = try TestAuthority.root(key: .p256)
        let client = try root.issue(.sample(usage: [.client]))
        #expect(await reason(client, issuers: [], root: root, usage: .client) == nil)
        #expect(await reason(client, issuers: [], root: root, usage: .server) != nil)
    }

    @Test func `a leaf issues nothing`() async throws {
        let root = try TestAuthority.root(key: .p256)
        let leaf = try root.issue(.sample())
        #expect(throws: IssuerCertificateError.notCA) { try IssuerCertificate(der: leaf.der) }
    }

    @Test func `who issued a CA certificate is known`() throws {
        let authorities = try Authorities()
        #expect(authorities.root.certificate.isIssued(by: authorities.root.certificate))
        #expect(authorities.issuing.certificate.isIssued(by: authorities.root.certificate))
        #expect(!authorities.issuing.certificate.isIssued(by: authorities.issuing.certificate))
        #expect(!authorities.issuing.certificate.isIssued(by: authorities.service.certificate))
        let impostor = try TestAuthority.root(key: .newP256())
        #expect(!authorities.issuing.certificate.isIssued(by: impostor.certificate))
    }
}
