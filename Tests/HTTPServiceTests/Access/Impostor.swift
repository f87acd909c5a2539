// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// Client certificates with the administrator's name that no login gave out.
struct Impostor {
    typealias Credential = (certificate: String, key: String)

    let ca: MayflyCA
    private let folder: TemporaryDirectory

    init(_ ca: MayflyCA) throws {
        self.ca = ca
        folder = try TemporaryDirectory()
    }

    func close() { folder.close() }

    /// Of a CA that has the names of the service CA, and a key of its own.
    func ofForeignAuthority() async throws -> Credential {
        let key = folder.file("foreign-ca.key")
        try await run("openssl", ["genpkey", "-out", key] + Self.curve).checked()
        return try await certificate(signedBy: key, named: "foreign")
    }

    /// Of a CA that has the names of the service CA, and the key of the SSH user CA.
    func ofSSHAuthority() async throws -> Credential {
        let key = folder.file("ssh-ca.key")
        let passphrase = "file:\(ca.caDirectory)/keys/passphrase"
        try await run(
            "openssl", ["pkey", "-in", ca.caDirectory + "/keys/ssh_user.pem", "-passin", passphrase, "-out", key]
        ).checked()
        return try await certificate(signedBy: key, named: "ssh")
    }

    /// Issued by this CA, by the authority for workloads, to its holder.
    func ofWorkloadAuthority(role: String) async throws -> Credential {
        let out = folder.file("workload")
        try await ca.mayfly(["issue", "x509", "--role", role, "--out", out]).checked()
        return (out + "/chain.pem", out + "/key.pem")
    }

    /// Issued by this CA to a machine that enrolled with a token.
    func ofMachine(role: String, name: String) async throws -> Credential {
        let (token, out) = (folder.file("machine.token"), folder.file("machine"))
        try await ca.mayfly(["token", "create", "--role", role, "--name", name, "--out", token]).checked()
        try await ca.mayfly([
            "issue", "x509", "--server", ca.url, "--fingerprint", ca.fingerprint, "--enrol-token", token, "--role", role,
            "--name", name, "--out", out,
        ]).checked()
        return (out + "/chain.pem", out + "/key.pem")
    }

    /// A session's certificate with a key made for the occasion. The key file claims to be the certificate's, because
    /// curl would not send the one without the other.
    func withStolenCertificate(_ session: String) async throws -> Credential {
        let key = folder.file("thief.key")
        try await run("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key]).checked()
        func pem(_ arguments: [String]) async throws -> [UInt8] {
            let text = try await run("openssl", arguments).checked().stdout
            let base64 = text.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
            return Array(Data(base64Encoded: base64) ?? Data())
        }
        // RFC 5915 §3: the private scalar is of octets 7 to 38, the public point the last 65 octets; RFC 5480 §2.2.
        var mixed = try await pem(["ec", "-in", key])
        mixed.replaceSubrange(
            (mixed.count - 65)..., with: try await pem(["x509", "-in", session, "-pubkey", "-noout"]).suffix(65))
        let text = """
            -----BEGIN EC PRIVATE KEY-----
            \(Data(mixed).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed]))
            -----END EC PRIVATE KEY-----

            """
        return (session, try folder.write(text, to: "mixed-\(UInt32.random(in: .min ... .max)).key"))
    }

    /// A file of its own, for curl takes what follows a colon in a path for a passphrase.
    func copy(_ path: String) throws -> Credential {
        let copy = try folder.write(
            try String(contentsOfFile: path, encoding: .utf8), to: "session-\(UInt32.random(in: .min ... .max)).pem")
        return (copy, copy)
    }

    private func certificate(signedBy authorityKey: String, named name: String) async throws -> Credential {
        let (authority, key, request) = (folder.file(name + "-ca.pem"), folder.file(name + ".key"), folder.file(name + ".csr"))
        let certificate = folder.file(name + ".pem")
        let subject = try await run(
            "openssl", ["x509", "-in", ca.caDirectory + "/public/service.pem", "-noout", "-subject", "-nameopt", "compat"]
        ).checked().stdout.replacing("subject=", with: "").trimmingCharacters(in: .whitespacesAndNewlines)
        try await run(
            "openssl", ["req", "-x509", "-key", authorityKey, "-subj", subject, "-days", "1", "-out", authority]
        ).checked()
        try await run(
            "openssl",
            ["req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", key, "-out", request]
                + ["-subj", "/CN=\(MayflyCA.administrator)"]
        ).checked()
        let extensions = try folder.write(
            """
            basicConstraints=critical,CA:FALSE
            keyUsage=critical,digitalSignature
            extendedKeyUsage=clientAuth

            """, to: name + ".ext")
        try await run(
            "openssl",
            ["x509", "-req", "-in", request, "-CA", authority, "-CAkey", authorityKey, "-days", "1", "-set_serial", "4711"]
                + ["-extfile", extensions, "-out", certificate]
        ).checked()
        return (certificate, key)
    }

    private static let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
}
