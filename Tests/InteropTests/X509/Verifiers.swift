// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// OpenSSL and GnuTLS, trusting the root of one CA.
struct Verifiers {
    enum Purpose: String {
        case client = "sslclient"
        case server = "sslserver"

        /// RFC 5280 §4.2.1.12, for `certtool`.
        var objectIdentifier: String { self == .client ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1" }
    }

    private let root: String
    private let issuing: String

    init(_ lab: Lab) async throws {
        root = try await lab.exportedFile("root")
        issuing = try await lab.exportedFile("issuing")
    }

    func expect(
        _ credential: Lab.Credential, isFor purpose: Purpose, _ names: [String] = [],
        at place: SourceLocation = #_sourceLocation
    ) async throws {
        for result in try await results(credential, purpose, names) {
            #expect(result.succeeded, "\(result.command): \(result.stdout)\(result.stderr)", sourceLocation: place)
        }
    }

    func expect(
        _ credential: Lab.Credential, isNotFor purpose: Purpose, _ names: [String] = [],
        at place: SourceLocation = #_sourceLocation
    ) async throws {
        for result in try await results(credential, purpose, names) {
            #expect(!result.succeeded, "\(result.command): \(result.stdout)", sourceLocation: place)
        }
    }

    /// - Parameter names: more of `openssl verify`, which checks names; then it is asked alone.
    private func results(_ credential: Lab.Credential, _ purpose: Purpose, _ names: [String]) async throws -> [ProcessResult] {
        let openssl = try await run(
            "openssl",
            ["verify", "-x509_strict", "-purpose", purpose.rawValue, "-CAfile", root, "-untrusted", issuing] + names
                + [credential.leaf])
        guard names.isEmpty else { return [openssl] }
        let gnutls = try await run(
            "certtool",
            [
                "--verify", "--load-ca-certificate", root, "--verify-purpose", purpose.objectIdentifier, "--infile",
                credential.chain,
            ])
        return [openssl, gnutls]
    }
}
