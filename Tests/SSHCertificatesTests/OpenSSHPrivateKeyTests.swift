// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SSHCertificates

struct OpenSSHPrivateKeyTests {
    @Test(arguments: [OpenSSHPrivateKey.Algorithm.ed25519, .ecdsaP256], ["", "ana", "ana@example.com on a laptop"])
    func `ssh-keygen reads the file and signs with it`(_ algorithm: OpenSSHPrivateKey.Algorithm, _ comment: String) throws {
        let key = OpenSSHPrivateKey(generating: algorithm)
        let file = try key.fileContents(comment: comment).withBytes { $0 }
        try withTemporaryDirectory { directory in
            try directory.write(file, to: "id")
            let line = try ForeignProgram.sshKeygen.text(["-y", "-f", "id"], in: directory)
            #expect(try key.publicKey.authorizedKey(comment: comment) + "\n" == line)
            let armored = try ForeignProgram.sshKeygen.text(
                ["-q", "-Y", "sign", "-n", "test", "-f", "id"], in: directory, input: [1])
            _ = try SSHSIG(armored: armored).verify(message: [1], namespace: "test", allowedKeys: [key.publicKey])
        }
    }

    @Test func `every key is another one`() {
        #expect(OpenSSHPrivateKey(generating: .ed25519).publicKey != OpenSSHPrivateKey(generating: .ed25519).publicKey)
    }

    @Test func `a comment with a line end is refused`() {
        #expect(throws: SSHKeyError.invalidComment) {
            _ = try OpenSSHPrivateKey(generating: .ed25519).fileContents(comment: "a\nb").withBytes { $0.count }
        }
    }
}
