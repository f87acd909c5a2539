// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Verifiers that are not ours accept our chains, for what they are for and nothing else.
@Suite(.timeLimit(.minutes(10)))
struct X509VerifierTests {
    static let authorities = ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "rsa-3072", "rsa-4096"]

    /// The arguments of `openssl req` that make a key.
    static let subjects = [
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"], ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"], ["-newkey", "ed25519"], ["-newkey", "rsa:3072"],
    ]

    @Test(arguments: authorities)
    func `OpenSSL and GnuTLS accept chains of a CA of any algorithm`(algorithm: String) async throws {
        let keys = ["root": algorithm, "issuing": algorithm]
        try await Lab.open(policy: TestPolicy.x509, keys: keys) { lab in
            let verifiers = try await Verifiers(lab)
            let client = try await lab.x509("client")
            try await verifiers.expect(client, isFor: .client)
            try await verifiers.expect(client, isNotFor: .server)
            let server = try await lab.x509("server", ["--name", "web1.lab.example.com", "--name", "::1"])
            try await verifiers.expect(server, isFor: .server, ["-verify_hostname", "web1.lab.example.com"])
            try await verifiers.expect(server, isFor: .server, ["-verify_ip", "::1"])
            try await verifiers.expect(server, isNotFor: .server, ["-verify_hostname", "web2.lab.example.com"])
            try await verifiers.expect(server, isNotFor: .client)
            let both = try await lab.x509("both")
            try await verifiers.expect(both, isFor: .client)
            try await verifiers.expect(both, isFor: .server)
        }
    }

    @Test func `OpenSSL and GnuTLS accept certificates of every type of key`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let verifiers = try await Verifiers(lab)
            for (index, arguments) in Self.subjects.enumerated() {
                let request = lab.work.file("\(index).csr")
                let key = lab.work.file("\(index).key")
                // The subject that is asked for does not count.
                try await run(
                    "openssl", ["req", "-new", "-nodes", "-subj", "/CN=root", "-keyout", key, "-out", request] + arguments
                ).checked()
                let credential = try await lab.x509("client", ["--csr", request])
                try await verifiers.expect(credential, isFor: .client)
                let subject = try await run("openssl", ["x509", "-in", credential.leaf, "-noout", "-subject"])
                #expect(subject.stdout == "subject=CN = \(lab.login)\n")
                let public1 = try await run("openssl", ["x509", "-in", credential.leaf, "-noout", "-pubkey"])
                let public2 = try await run("openssl", ["pkey", "-in", key, "-pubout"])
                #expect(public1.stdout == public2.stdout)
            }
        }
    }

    @Test func `OpenSSL reads the names the policy gives`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let credential = try await lab.x509("named")
            let text = try await run(
                "openssl", ["x509", "-in", credential.leaf, "-noout", "-subject", "-ext", "subjectAltName"]
            ).checked().stdout
            for name in ["DNS:app.example.com", "IP Address:192.0.2.7", "email:ada@example.com", "URI:urn:example:app"] {
                #expect(text.contains(name))
            }
            #expect(text.contains("subject=\n"))
            // RFC 5280 §4.2.1.6: without a subject the names are critical.
            #expect(text.contains("X509v3 Subject Alternative Name: critical"))
        }
    }

    @Test func `a chain of another CA of the same name is refused`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let credential = try await lab.x509("client")
            try await Lab.openAnother(policy: TestPolicy.x509) { other in
                try await Verifiers(other).expect(credential, isNotFor: .client)
            }
        }
    }

    @Test func `OpenSSL verifies the server and a session under the service CA alone`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let service = try await lab.exportedFile("service")
            let session = try await lab.session().leaf
            let strict = ["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile"]
            #expect(try await run("openssl", strict + [service, session]).succeeded)
            let bundle = try await lab.exportedFile("bundle")
            #expect(try await run("openssl", strict + [bundle, session]).succeeded == false)

            let address = lab.ca.url.dropFirst("https://".count)
            let greeting = [
                "s_client", "-connect", address.replacingOccurrences(of: "localhost", with: "127.0.0.1"), "-x509_strict",
                "-verify_return_error", "-purpose", "sslserver", "-verify_hostname", "localhost", "-CAfile",
            ]
            #expect(try await run("openssl", greeting + [service], input: "").succeeded)
            #expect(try await run("openssl", greeting + [bundle], input: "").succeeded == false)
        }
    }
}
