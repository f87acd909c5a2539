// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import X509Certificates

/// Foreign clients ask, and have the last word on what we answer.
struct OCSPInteropTests {
    private struct Scene {
        let root: TestAuthority
        let issuing: TestAuthority
        let directory: TemporaryDirectory
        let revoked: SerialNumber
        let good: SerialNumber

        init(_ key: TestKey) throws {
            root = try TestAuthority.root(key: key)
            issuing = try root.issuing(key: key)
            directory = try TemporaryDirectory()
            try directory.write(root.certificate.pem, to: "root.pem")
            try directory.write(issuing.certificate.pem, to: "issuing.pem")
            var serials: [SerialNumber] = []
            for name in ["good.pem", "revoked.pem", "unknown.pem"] {
                let profile = try CertificateProfile.sample()
                try directory.write(issuing.issue(profile).pem, to: name)
                serials.append(profile.serial)
            }
            (good, revoked) = (serials[0], serials[1])
        }

        /// Answers `request.der` as the service would, and writes `response.der`.
        func respond(
            _ responder: OCSPResponder? = nil, signer: TestKey? = nil, nonce: (OCSPNonce?) -> OCSPNonce? = { $0 }
        ) throws {
            let request = try OCSPRequest(der: Array(directory.bytes("request.der")))
            let answers = try request.certificates.map { certificate in
                try #require(certificate.names(issuing.certificate))
                let status: OCSPAnswer.Status =
                    switch certificate.serial {
                    case good: .good
                    case revoked: .revoked(at: TestTime.after(-600), reason: .keyCompromise)
                    default: .unknown
                    }
                return try OCSPAnswer(
                    certificate, status, thisUpdate: TestTime.after(-60), nextUpdate: TestTime.after(3600))
            }
            let profile = try OCSPResponseProfile(answers, producedAt: TestTime.now, nonce: nonce(request.nonce))
            let response = try (signer ?? issuing.key).response(
                profile, responder ?? OCSPResponder(authority: issuing.certificate))
            try directory.write(response.der, to: "response.der")
        }

        func openssl(_ arguments: String...) throws -> String {
            try directory.attempt(
                "openssl",
                ["ocsp", "-CAfile", "root.pem", "-verify_other", "issuing.pem", "-issuer", "issuing.pem"] + arguments
            ).output
        }
    }

    private static let certificates = ["-cert", "good.pem", "-cert", "revoked.pem", "-cert", "unknown.pem"]

    private func expectAnswers(_ text: String) {
        for expected in [
            "Response verify OK", "good.pem: good", "revoked.pem: revoked", "Reason: keyCompromise", "unknown.pem: unknown",
        ] {
            #expect(text.contains(expected), "\(expected) in \(text)")
        }
    }

    @Test(arguments: TestKey.authorities, ["-sha1", "-sha256"])
    func `openssl believes the CA and its delegate`(_ key: TestKey, _ hash: String) throws {
        let scene = try Scene(key)
        let ask = ["-no_nonce", hash] + Self.certificates
        try scene.directory.run(["ocsp", "-issuer", "issuing.pem", "-reqout", "request.der"] + ask)
        try scene.respond()
        func check() throws -> String {
            try scene.directory.attempt(
                "openssl",
                [
                    "ocsp", "-CAfile", "root.pem", "-verify_other", "issuing.pem", "-issuer", "issuing.pem", "-respin",
                    "response.der",
                ] + ask
            ).output
        }
        expectAnswers(try check())
        let delegate: TestKey = key.testDescription == "P-256" ? .ed25519 : .newP256()
        try scene.respond(scene.issuing.responder(key: delegate), signer: delegate)
        expectAnswers(try check())
    }

    @Test func `openssl finds its nonce in the response`() throws {
        let scene = try Scene(.p256)
        try scene.directory.run(
            ["ocsp", "-issuer", "issuing.pem", "-nonce", "-reqout", "request.der", "-cert", "good.pem"])
        func verify() throws -> String {
            try scene.openssl("-reqin", "request.der", "-respin", "response.der", "-resp_text")
        }
        try scene.respond()
        let echoed = try verify()
        #expect(echoed.contains("Response verify OK") && echoed.contains("OCSP Nonce"), "\(echoed)")
        #expect(!echoed.contains("no nonce") && !echoed.contains("Nonce Verify error"), "\(echoed)")
        try scene.respond { _ in OCSPNonce([1, 2, 3]) }
        #expect(try verify().contains("Nonce Verify error"))
        try scene.respond { _ in nil }
        #expect(try verify().contains("no nonce in response"))
    }

    @Test func `openssl does not believe the delegate of another CA`() throws {
        let scene = try Scene(.p256)
        try scene.directory.run(
            ["ocsp", "-issuer", "issuing.pem", "-no_nonce", "-reqout", "request.der", "-cert", "good.pem"])
        let delegate = TestKey.newP256()
        try scene.respond(scene.root.responder(key: delegate), signer: delegate)
        let text = try scene.openssl("-no_nonce", "-cert", "good.pem", "-respin", "response.der")
        #expect(text.contains("Response Verify Failure"), "\(text)")
    }

    @Test func `openssl reads responses without answers`() throws {
        let directory = try TemporaryDirectory()
        for (response, text) in [
            (OCSPErrorResponse.malformedRequest, "malformedrequest (1)"), (.internalError, "internalerror (2)"),
            (.tryLater, "trylater (3)"), (.unauthorized, "unauthorized (6)"),
        ] {
            try directory.write(response.der, to: "response.der")
            let output = try directory.attempt("openssl", ["ocsp", "-respin", "response.der", "-noverify"]).output
            #expect(output.contains("Responder Error: \(text)"), "\(output)")
        }
    }

    @Test func `openssl reads a responder's certificate as we meant it`() throws {
        let root = try TestAuthority.root(key: .p256)
        let directory = try TemporaryDirectory()
        try directory.write(root.certificate.pem, to: "root.pem")
        try directory.write(try #require(root.responder(key: .p384).certificate), to: "responder.der")
        let text = try directory.run("openssl", "x509", "-inform", "DER", "-in", "responder.der", "-noout", "-text")
        for expected in ["OCSP Signing", "OCSP No Check", "CA:FALSE", "Digital Signature"] {
            #expect(text.contains(expected), "\(expected) in \(text)")
        }
        try directory.run("openssl", "x509", "-inform", "DER", "-in", "responder.der", "-out", "responder.pem")
        try directory.run(
            "openssl", "verify", "-x509_strict", "-purpose", "ocsphelper", "-CAfile", "root.pem", "responder.pem")
    }

    @Test func `GnuTLS asks us and believes the answer`() throws {
        let scene = try Scene(.p256)
        for (certificate, status) in [("good.pem", "good"), ("revoked.pem", "revoked")] {
            try scene.directory.run(
                "ocsptool", "--generate-request", "--load-issuer=issuing.pem", "--load-cert=\(certificate)", "--nonce",
                "--outfile=request.der")
            try scene.respond()
            let text = try scene.directory.run("ocsptool", "--response-info", "--infile=response.der")
            #expect(text.contains("Certificate Status: \(status)"), "\(text)")
            // GnuTLS looks a trusted CA up by its subject key identifier, which is not the hash of OCSP: it must be told.
            try scene.directory.run("ocsptool", "--verify-response", "--load-signer=issuing.pem", "--infile=response.der")
            let delegate = TestKey.newP256()
            try scene.respond(scene.issuing.responder(key: delegate), signer: delegate)
            try scene.directory.run("ocsptool", "--verify-response", "--load-trust=issuing.pem", "--infile=response.der")
        }
    }
}

extension TemporaryDirectory {
    @discardableResult
    fileprivate func run(_ arguments: [String]) throws -> String {
        let (status, text) = try attempt("openssl", arguments)
        try #require(status == 0, "\(arguments): \(text)")
        return text
    }
}
