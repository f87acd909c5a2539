// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import NIOCore
import SSHCertificates
import ServiceAPI
import TestSupport

/// What is asked for, with the sample policies: certificates the administrator may have.
enum LoadKind: String, Sendable, CaseIterable, ExpressibleByArgument {
    case x509
    case ssh

    private var path: String {
        switch self {
        case .x509: Paths.x509Certificates
        case .ssh: Paths.sshCertificates
        }
    }

    /// Different requests, ready to be sent; each may be sent many times.
    func requests(_ count: Int, to target: LoadTarget) throws -> [ByteBuffer] {
        try (0..<count).map { _ in
            let body =
                switch self {
                case .x509:
                    try JSONEncoder().encode(
                        X509CertificateRequest(role: "lab-web", csr: try RequestKeys.signingRequest()))
                case .ssh:
                    try JSONEncoder().encode(
                        SSHCertificateRequest(role: "lab-shell", publicKey: try RequestKeys.sshPublicKey()))
                }
            var request = ByteBuffer(
                string: """
                    POST \(path) HTTP/1.1\r
                    Host: \(target.authority)\r
                    Content-Type: application/json\r
                    Content-Length: \(body.count)\r
                    \r

                    """)
            request.writeBytes(body)
            return request
        }
    }

    /// Other programs have the last word: `openssl verify`, and `ssh-keygen -L`, which checks the signature too.
    func verify(_ reply: ByteBuffer, from authorities: Authorities) async throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let issued = try decoder.decode(IssuedCertificate.self, from: Data(reply.readableBytesView))
        let files = try TemporaryDirectory()
        defer { files.close() }
        switch self {
        case .x509:
            let root = try files.write(authorities.root, to: "root.pem")
            let chain = try files.write(issued.chain ?? "", to: "chain.pem")
            let leaf = try files.write(issued.certificate, to: "leaf.pem")
            try await run("openssl", ["verify", "-CAfile", root, "-untrusted", chain, leaf]).checked()
        case .ssh:
            let file = try files.write(issued.certificate + "\n", to: "key-cert.pub")
            let shown = try await run("ssh-keygen", ["-L", "-f", file]).checked().stdout
            let signer = try SSHPublicKey(authorizedKey: authorities.sshUserCA).fingerprint
            guard shown.contains(signer), shown.contains("Type: ssh-ed25519-cert-v01@openssh.com user certificate") else {
                throw BenchmarkError.unexpected("not a certificate of this CA:\n\(shown)")
            }
        }
    }
}
