// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// Makes certificates with the administrator's name that the CA never issued.
struct Forger {
    struct Authority {
        let certificate: String
        let key: String
    }

    private let lab: Lab
    private let key: String
    private let request: String

    init(_ lab: Lab) async throws {
        self.lab = lab
        key = lab.work.file("forged.key")
        request = lab.work.file("forged.csr")
        try await run(
            "openssl",
            ["req", "-new", "-nodes", "-subj", "/CN=\(MayflyCA.administrator)", "-keyout", key, "-out", request] + Self.newKey
        ).checked()
    }

    /// Of the same name as the service CA.
    func ownAuthority() async throws -> Authority {
        let authority = Authority(certificate: lab.work.file("own.pem"), key: lab.work.file("own.key"))
        try await run(
            "openssl",
            [
                "req", "-x509", "-nodes", "-subj", "/CN=Example service CA", "-days", "1", "-keyout", authority.key, "-out",
                authority.certificate,
            ] + Self.newKey
        ).checked()
        return authority
    }

    /// The service CA itself: its key, decrypted.
    func stolenAuthority() async throws -> Authority {
        let directory = lab.ca.caDirectory
        let key = lab.work.file("stolen.key")
        try await run(
            "openssl",
            ["pkey", "-in", directory + "/keys/service.pem", "-passin", "file:\(directory)/keys/passphrase", "-out", key]
        ).checked()
        return Authority(certificate: directory + "/public/service.pem", key: key)
    }

    /// Like a session's in everything that is not said here.
    func certificate(
        _ usage: String, by authority: Authority, serial: String = "1234"
    ) async throws -> Lab.Credential {
        let folder = try lab.work.makeDirectory("forged-\(UInt32.random(in: .min ... .max))")
        let name = folder.dropFirst(lab.work.path.count + 1)
        let extensions = try lab.work.write(
            """
            basicConstraints=critical,CA:FALSE
            keyUsage=critical,digitalSignature
            extendedKeyUsage=\(usage)
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid
            """, to: name + "/extensions")
        let credential = Lab.Credential(folder: folder)
        try await run(
            "openssl",
            [
                "x509", "-req", "-in", request, "-CA", authority.certificate, "-CAkey", authority.key, "-days", "1",
                "-set_serial", "0x" + serial, "-extfile", extensions, "-out", credential.chain,
            ]
        ).checked()
        try FileManager.default.copyItem(atPath: credential.chain, toPath: credential.leaf)
        try FileManager.default.copyItem(atPath: key, toPath: credential.key)
        return credential
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
}
