// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// A CA and certificates below it, all made by `openssl`.
struct TLSCredentials {
    let directory: TemporaryDirectory
    var authority: String { directory.file("ca.crt") }

    init() async throws {
        directory = try TemporaryDirectory()
        try await certificate("ca", extensions: ["basicConstraints=critical,CA:TRUE"], signedBy: nil)
    }

    func path(_ name: String) -> String { directory.file(name) }

    func makeServer() async throws {
        try await certificate(
            "server", extensions: ["subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"], signedBy: "ca")
    }

    /// Makes `<name>.crt` and `<name>.key` for a client with that common name.
    func makeClient(_ name: String) async throws {
        try await certificate(name, extensions: ["extendedKeyUsage=clientAuth"], signedBy: "ca")
    }

    /// A client of a CA that nobody trusts.
    func makeStranger(_ name: String) async throws {
        try await certificate(name, extensions: ["extendedKeyUsage=clientAuth"], signedBy: nil)
    }

    private func certificate(_ name: String, extensions: [String], signedBy issuer: String?) async throws {
        var arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
            "-subj", "/CN=" + name, "-keyout", name + ".key", "-out", name + ".crt",
        ]
        arguments += extensions.flatMap { ["-addext", $0] }
        if let issuer { arguments += ["-CA", issuer + ".crt", "-CAkey", issuer + ".key"] }
        try await run("openssl", arguments, directory: directory.path).checked()
    }
}
