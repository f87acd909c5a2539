// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// OpenSSL and nginx go along when the issuing CA is replaced.
@Suite(.timeLimit(.minutes(10)))
struct IssuingRotationTests {
    private static let policy =
        TestPolicy.x509
        .replacing("[audit.read, policies.reload]", with: "[audit.read, policies.reload, certificates.revoke, keys.rotate]")

    private func rotate(_ lab: Lab, _ act: String, _ arguments: [String] = []) async throws -> ProcessResult {
        try await lab.ca.mayfly(["ca", "rotate", "issuing", act, "--reason", "every year"] + arguments)
    }

    /// What `ca export --format crl` prints, once that is so many lists.
    private func lists(_ lab: Lab, _ name: String, count: Int) async throws -> String {
        var text = ""
        try await eventually("there are not \(count) lists") {
            text = try await lab.exported("crl")
            return text.components(separatedBy: "BEGIN X509 CRL").count == count + 1
        }
        return try lab.work.write(text + "\n", to: name, mode: 0o644)
    }

    @Test
    func `chains of the old and the new CA verify with the lists of all, and a revoked CA takes its certificates with it`()
        async throws
    {
        try await Lab.open(policy: Self.policy) { lab in
            let root = try await lab.exportedFile("root")
            let server = try await lab.x509("server", ["--name", "localhost"])
            let old = try await lab.x509("client")
            let oldCA = try lab.work.write(try await lab.exported("issuing") + "\n", to: "old-issuing.pem")

            func verify(_ credential: Lab.Credential, _ lists: String) async throws -> ProcessResult {
                try await run(
                    "openssl",
                    [
                        "verify", "-crl_check_all", "-CRLfile", lists, "-CAfile", root, "-untrusted", credential.chain,
                        credential.leaf,
                    ])
            }
            func status(_ credential: Lab.Credential, _ lists: String) async throws -> Int? {
                let configuration = NginxServer.Configuration(
                    certificate: server.chain, key: server.key, clientAuthorities: root, revocationList: lists)
                return try await serving(try await NginxServer(configuration)) { nginx in
                    try await nginx.get(trusting: root, certificate: credential.chain, key: credential.key).status
                }
            }

            // The root key is needed for this one command, which speaks to no server.
            let request = try lab.work.write(try await lab.mayfly(["ca", "request"]).stdout, to: "issuing.pub")
            let signed = try await run(
                MayflyCA.binary, ["ca", "sign", request, "--dir", lab.ca.caDirectory], environment: ["HOME": lab.ca.home]
            ).checked()
            let certificate = try lab.work.write(signed.stdout, to: "issuing.pem")
            let prepared = try await rotate(lab, "prepare", ["--certificate", certificate])
            #expect(prepared.succeeded, "\(prepared.stderr)")
            let both = try await lists(lab, "both.pem", count: 3)
            #expect(try await verify(old, both).succeeded)

            #expect(try await rotate(lab, "activate").succeeded)
            let new = try await lab.x509("client")
            let issuer = try await run("openssl", ["x509", "-in", new.leaf, "-noout", "-issuer"]).stdout
            #expect(issuer.contains("issuing CA "), "\(issuer)")
            for credential in [old, new] {
                let verified = try await verify(credential, both)
                #expect(verified.succeeded, "\(verified.stdout)\(verified.stderr)")
                #expect(try await status(credential, both) == 200)
            }
            #expect(try await rotate(lab, "retire").stderr.contains("the last certificate of"))

            // A stolen issuing CA: first the root says so, then the server.
            let oldKey = try await run("openssl", ["x509", "-in", oldCA, "-noout", "-pubkey"]).checked().stdout
            let fingerprint = try await run(
                "bash", ["-c", "openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64"], input: oldKey
            ).checked().stdout.prefix { $0 != "=" }
            let early = try await rotate(lab, "revoke", ["--key", "SHA256:\(fingerprint)", "--force"])
            #expect(early.status == 1)
            #expect(early.stderr.contains("the root's revocation list does not name"), "\(early.stderr)")
            let made = try await run(
                MayflyCA.binary, ["ca", "crl", "--dir", lab.ca.caDirectory, "--revoke", oldCA],
                environment: ["HOME": lab.ca.home]
            ).checked()
            #expect(made.stdout.contains("names 1 and ends at"), "\(made.stdout)")
            var reason = ""
            try await eventually("\(reason)\(lab.ca.log)") {
                let revoked = try await rotate(lab, "revoke", ["--key", "SHA256:\(fingerprint)"])
                reason = revoked.stderr
                return revoked.succeeded
            }
            let after = try await lists(lab, "after.pem", count: 2)
            #expect(try await verify(new, after).succeeded)
            #expect(try await status(new, after) == 200)
            #expect(try await verify(old, after).succeeded == false)
            #expect(try await status(old, after) == 400)
            #expect(try await lab.mayfly(["audit", "tail"]).stdout.contains("root-list SHA256:"))
            // The session is of the service CA, and went on all the while.
            #expect(try await lab.mayfly(["whoami"]).succeeded)
        }
    }
}
