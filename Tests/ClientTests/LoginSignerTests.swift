// SPDX-License-Identifier: Apache-2.0

import SSHCertificates
import ServiceAPI
import TestSupport
import Testing

@testable import Client

struct LoginSignerTests {
    @Test func `a key file signs a login`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("id")
        try await MayflyCA.makeKey(path)
        let message = LoginMessage(
            serviceFingerprint: "SHA256:x", user: "ana", sessionKeyDigest: SessionKey().digest, challenge: "c"
        ).bytes
        let signature = try SSHSIG(armored: try await LoginSigner.file(path).signature(over: message))
        let key = try SSHCredentialFiles.publicKey(inFile: path + ".pub")
        _ = try signature.verify(message: message, namespace: LoginMessage.namespace, allowedKeys: [key])
    }

    @Test func `a named key is the only one tried`() async throws {
        let signers = try await LoginSigner.candidates(keyFile: "/a", environment: ["HOME": "/"])
        #expect(signers.map(\.name) == ["/a"])
        await #expect(throws: ClientError.unreadable(path: "/a")) { try await signers.first?.signature(over: []) }
    }

    @Test func `without an agent the usual files are tried`() async throws {
        let home = try TemporaryDirectory()
        _ = try home.makeDirectory(".ssh")
        for name in ["id_rsa", "id_ed25519", "id_other"] { try home.write("", to: ".ssh/" + name) }
        let signers = try await LoginSigner.candidates(keyFile: nil, environment: ["HOME": home.path])
        #expect(signers.map(\.name) == [home.file(".ssh/id_ed25519"), home.file(".ssh/id_rsa")])
    }

    @Test func `without any key there is nothing to try`() async throws {
        let home = try TemporaryDirectory()
        await #expect(throws: ClientError.noSigningKey) {
            try await LoginSigner.candidates(keyFile: nil, environment: ["HOME": home.path])
        }
    }

    @Test func `the digest of a session key is what openssl says of it`() async throws {
        let directory = try TemporaryDirectory()
        let key = SessionKey()
        let path = try directory.write(key.pem + "\n", to: "key.pem")
        let command =
            "openssl pkey -in '\(path)' -pubout -outform DER | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '=\\n'"
        #expect(try await TestSupport.run("sh", ["-c", command]).checked().stdout == key.digest)
    }
}
