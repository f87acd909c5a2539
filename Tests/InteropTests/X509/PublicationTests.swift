// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Verifiers that are not ours learn of a revocation by what is published over plain HTTP.
@Suite(.timeLimit(.minutes(10)))
struct PublicationTests {
    /// The address in certificates; where it listens is not known before it does.
    private static let url = "http://ca.lab.example.com:8080"
    private static let settings = ["publish": "{listen: \"127.0.0.1:0\", url: \"\(url)\"}"]

    private func published(by lab: Lab) async throws -> String {
        let prefix = "mayfly: publishing "
        var line: Substring?
        try await eventually {
            line = lab.ca.log.split(separator: "\n").first { $0.hasPrefix(prefix) }
            return line != nil
        }
        return String(try #require(line).dropFirst(prefix.count))
    }

    private func fetch(_ url: String, _ arguments: [String] = []) async throws -> ProcessResult {
        try await run("curl", ["-q", "--silent", "--show-error", "--noproxy", "*", "--max-time", "60"] + arguments + [url])
    }

    /// Lists that OpenSSL finds `credential` in, or not; asked until they say what is expected or a minute has passed.
    private func bundle(of lab: Lab, at address: String, name: String, listing serial: String?) async throws -> String {
        let path = lab.work.file(name)
        for _ in 0..<120 {
            try await fetch(address + "/crl/bundle.pem", ["--output", path]).checked()
            let text = try await run("openssl", ["crl", "-in", path, "-noout", "-text"]).stdout
            if serial.map({ text.lowercased().contains($0) }) ?? true { return path }
            try await Task.sleep(for: .milliseconds(500))
        }
        return path
    }

    @Test func `OpenSSL and nginx refuse what was revoked, by CRL and by OCSP`() async throws {
        try await Lab.open(policy: TestPolicy.x509, settings: Self.settings) { lab in
            let address = try await published(by: lab)
            let client = try await lab.x509("client")
            let text = try await run("openssl", ["x509", "-in", client.leaf, "-noout", "-text"]).stdout
            #expect(text.contains("URI:\(Self.url)/crl/issuing.crl"))
            #expect(text.contains("OCSP - URI:\(Self.url)/ocsp"))
            let serial = try await run("openssl", ["x509", "-in", client.leaf, "-noout", "-serial"]).stdout
                .trimmingCharacters(in: .whitespacesAndNewlines).lowercased().replacing("serial=", with: "")
            let root = try await lab.exportedFile("root")
            let issuing = try await lab.exportedFile("issuing")

            func verify(_ lists: String) async throws -> ProcessResult {
                try await run(
                    "openssl",
                    ["verify", "-crl_check_all", "-CRLfile", lists, "-CAfile", root, "-untrusted", issuing, client.leaf])
            }
            func ask() async throws -> String {
                try await run(
                    "openssl",
                    ["ocsp", "-issuer", issuing, "-cert", client.leaf, "-url", address + "/ocsp", "-CAfile", root]
                ).stdout
            }
            let server = try await lab.x509("server", ["--name", "localhost"])
            func status(_ lists: String) async throws -> Int? {
                try await serving(try await lab.nginx(server, ["ssl_crl \(lists);"])) { nginx in
                    try await nginx.get(trusting: root, certificate: client.chain, key: client.key).status
                }
            }

            let before = try await bundle(of: lab, at: address, name: "before.pem", listing: nil)
            #expect(try await verify(before).status == 0)
            #expect(try await ask().contains(": good"))
            #expect(try await status(before) == 200)

            try await lab.mayfly(
                ["revoke", "--serial", serial, "--kind", "x509", "--cause", "keyCompromise", "--reason", "laptop lost"])
            #expect(try await ask().contains(": revoked"))
            let after = try await bundle(of: lab, at: address, name: "after.pem", listing: serial)
            let refused = try await verify(after)
            #expect(refused.status != 0)
            #expect((refused.stdout + refused.stderr).contains("certificate revoked"))
            #expect(try await status(after) == 400)
        }
    }

    @Test func `OpenSSL takes the shard that a certificate names and no other, and the full list for all`() async throws {
        let settings = ["publish": "{listen: \"127.0.0.1:0\", url: \"\(Self.url)\", shards: true}"]
        try await Lab.open(policy: TestPolicy.x509, settings: settings) { lab in
            let address = try await published(by: lab)
            let client = try await lab.x509("client")
            let (root, issuing) = (try await lab.exportedFile("root"), try await lab.exportedFile("issuing"))
            let serial = try await run("openssl", ["x509", "-in", client.leaf, "-noout", "-serial"]).stdout
                .trimmingCharacters(in: .whitespacesAndNewlines).lowercased().replacing("serial=", with: "")
            let padded = String(repeating: "0", count: 32 - serial.count) + serial
            let own = try #require(padded.first.map(String.init))
            let text = try await run("openssl", ["x509", "-in", client.leaf, "-noout", "-text"]).stdout
            #expect(text.contains("URI:\(Self.url)/crl/issuing/\(own).crl"))
            #expect(!text.contains("issuing.crl"))

            func shard(_ name: String) async throws -> String {
                let path = lab.work.file("shard-\(name).pem")
                try await fetch(address + "/crl/issuing/\(name).crl", ["--fail", "--output", path + ".der"]).checked()
                try await run("openssl", ["crl", "-inform", "DER", "-in", path + ".der", "-out", path]).checked()
                return path
            }
            func verify(_ lists: String) async throws -> String {
                let result = try await run(
                    "openssl",
                    [
                        "verify", "-crl_check", "-CRLfile", lists, "-CAfile", root, "-untrusted", issuing,
                        client.leaf,
                    ])
                return result.succeeded ? "OK" : result.stdout + result.stderr
            }
            #expect(try await verify(try await shard(own)) == "OK")
            let other = try await shard(own == "0" ? "1" : "0")
            let refused = try await verify(other)
            #expect(refused.contains("CRL scope") || refused.contains("unable to get certificate CRL"), "\(refused)")
            let full = try await bundle(of: lab, at: address, name: "full.pem", listing: nil)
            #expect(try await verify(full) == "OK")
            let missing = try await fetch(
                address + "/crl/issuing/10.crl", ["--write-out", "%{http_code}", "--output", "/dev/null"])
            #expect(missing.stdout == "404")

            try await lab.mayfly(["revoke", "--serial", serial, "--kind", "x509", "--reason", "lost"])
            let after = try await bundle(of: lab, at: address, name: "after.pem", listing: serial)
            #expect(try await verify(after).contains("certificate revoked"))
            #expect(try await verify(try await shard(own)).contains("certificate revoked"))
        }
    }

    @Test func `nothing but what is published is served over plain HTTP, and a proxy may keep it for a minute`() async throws {
        try await Lab.open(policy: TestPolicy.x509, settings: Self.settings) { lab in
            let address = try await published(by: lab)
            func code(_ path: String, _ arguments: [String] = []) async throws -> String {
                try await fetch(
                    address + path, ["--output", lab.work.file("out"), "--write-out", "%{http_code}"] + arguments
                ).stdout
            }
            for path in ["/v1/whoami", "/v1/status", "/metrics", "/v1/certificates", "/", "/crl/../v1/status"] {
                #expect(try await code(path) == "404", "\(path)")
            }
            #expect(try await code("/crl/issuing.crl", ["-X", "POST"]) == "405")
            #expect(try await code("/ocsp") == "405")
            // What is no request is answered in OCSP's own words (RFC 6960 §2.3).
            #expect(try await code("/ocsp", ["--data-binary", "garbage"]) == "200")
            let large = lab.work.file("large")
            try Data(repeating: 0, count: 20_000).write(to: URL(filePath: large))
            #expect(try await code("/ocsp", ["--data-binary", "@\(large)"]) == "413")

            let headers = try await fetch(address + "/crl/issuing.crl", ["--head"]).checked().stdout.lowercased()
            #expect(headers.contains("content-type: application/pkix-crl"))
            #expect(headers.contains("cache-control: public, max-age=60, must-revalidate"))
            let tag = try #require(headers.firstMatch(of: /etag: ("[^"]+")/)).1
            #expect(try await code("/crl/issuing.crl", ["--header", "If-None-Match: \(tag)"]) == "304")

            let krl = lab.work.file("revoked.krl")
            try await fetch(address + "/ssh/revoked.krl", ["--output", krl]).checked()
            let key = try await lab.makeKey("key")
            #expect(try await run("ssh-keygen", ["-Q", "-f", krl, key + ".pub"]).status == 0)
        }
    }
}
