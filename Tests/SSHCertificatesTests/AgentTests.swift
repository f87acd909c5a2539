// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SSHCertificates

struct AgentTests {
    private func certificate(for key: SSHPublicKey) throws -> SSHCertificate { try Sample.certificate { $0.publicKey = key } }

    @Test(arguments: [OpenSSHPrivateKey.Algorithm.ed25519, .ecdsaP256])
    func `ssh-agent takes a key with its certificate, signs and forgets`(_ algorithm: OpenSSHPrivateKey.Algorithm) throws {
        let key = OpenSSHPrivateKey(generating: algorithm), publicKey = key.publicKey
        let certificate = try certificate(for: publicKey)
        let signing = publicKey.type.signatureAlgorithms[0]
        let (replies, listing) = try RealAgent.exchange(
            beforeListing: [
                SSHAgentRequest.listIdentities,
                try SSHAgentRequest.add(key, certificate: certificate, comment: "mayfly", lifetime: .seconds(60)).withBytes {
                    $0
                },
                try SSHAgentRequest.add(key, certificate: nil, comment: "plain", lifetime: .seconds(60)).withBytes { $0 },
                SSHAgentRequest.listIdentities,
            ],
            afterListing: [
                try SSHAgentRequest.sign([1, 2, 3], with: publicKey, algorithm: signing),
                try SSHAgentRequest.remove(blob: certificate.blob),
                try SSHAgentRequest.remove(blob: publicKey.blob),
                try SSHAgentRequest.remove(blob: publicKey.blob),
                SSHAgentRequest.listIdentities,
            ])
        try #require(replies.count == 9)
        #expect(try SSHAgentReply.identities(replies[0]) == [])
        try SSHAgentReply.success(replies[1])
        try SSHAgentReply.success(replies[2])
        #expect(
            try SSHAgentReply.identities(replies[3]) == [
                SSHAgentIdentity(blob: certificate.blob, comment: "mayfly"),
                SSHAgentIdentity(blob: publicKey.blob, comment: "plain"),
            ])
        #expect(
            try listing == certificate.authorizedKey(comment: "mayfly") + "\n" + publicKey.authorizedKey(comment: "plain")
                + "\n")
        try publicKey.verify(try SSHAgentReply.signature(replies[4], algorithm: signing), over: [1, 2, 3])
        try SSHAgentReply.success(replies[5])
        try SSHAgentReply.success(replies[6])
        #expect(throws: SSHAgentError.refused) { try SSHAgentReply.success(replies[7]) }
        #expect(try SSHAgentReply.identities(replies[8]) == [])
    }

    @Test func `RSA keys are asked for SHA-2`() throws {
        let key = try TestKey.rsa().publicKey
        #expect(try SSHAgentRequest.sign([1], with: key, algorithm: .rsaSHA256).suffix(4) == [0, 0, 0, 2])
        #expect(try SSHAgentRequest.sign([1], with: key, algorithm: .rsaSHA512).suffix(4) == [0, 0, 0, 4])
        #expect(throws: SSHAgentError.keyMismatch(.ed25519, .rsa)) {
            try SSHAgentRequest.sign([1], with: key, algorithm: .ed25519)
        }
    }

    @Test(arguments: [Duration.zero, .milliseconds(999), .seconds(-1), .seconds(Int64(UInt32.max) + 1)])
    func `a lifetime the agent cannot keep is refused`(_ lifetime: Duration) {
        #expect(throws: SSHAgentError.invalidLifetime) {
            _ = try SSHAgentRequest.add(
                OpenSSHPrivateKey(generating: .ed25519), certificate: nil, comment: "", lifetime: lifetime
            ).withBytes { $0.count }
        }
    }

    @Test func `a certificate of another key is refused`() throws {
        let certificate = try Sample.certificate()
        #expect(throws: SSHAgentError.certificateOfOtherKey) {
            _ = try SSHAgentRequest.add(
                OpenSSHPrivateKey(generating: .ed25519), certificate: certificate, comment: "", lifetime: .seconds(1)
            ).withBytes { $0.count }
        }
    }

    @Test(
        arguments: [
            ([], .wire(.truncated(field: "message type"))), ([5], .refused), ([6], .unexpectedReply(6)),
            ([99], .unexpectedReply(99)),
            ([12], .wire(.truncated(field: "number of keys"))), ([12, 0, 0, 0, 1], .wire(.truncated(field: "key"))),
            ([12, 0xff, 0xff, 0xff, 0xff], .tooManyIdentities), ([12, 0, 0, 0, 0, 0], .wire(.trailingBytes(after: "keys"))),
            ([12, 0, 0, 0, 1, 0, 1, 0, 1], .wire(.tooLong(field: "key", limit: 65536))),
        ] as [([UInt8], SSHAgentError)])
    func `a bad list of keys is refused with the reason`(_ body: [UInt8], _ error: SSHAgentError) {
        #expect(throws: error) { try SSHAgentReply.identities(body) }
    }

    @Test(
        arguments: [
            ([5], .refused), ([14], .wire(.truncated(field: "signature"))),
            ([14, 0, 0, 0, 0], .signature(.wire(.truncated(field: "signature algorithm")))),
            ([14, 0, 0, 0, 0, 0], .wire(.trailingBytes(after: "signature"))), ([12], .unexpectedReply(12)),
        ] as [([UInt8], SSHAgentError)])
    func `a bad signature reply is refused with the reason`(_ body: [UInt8], _ error: SSHAgentError) {
        #expect(throws: error) { try SSHAgentReply.signature(body, algorithm: .ed25519) }
    }

    @Test func `a signature with another algorithm than asked for is refused`() throws {
        var writer = SSHWireWriter()
        writer.write(uint8: 14)
        writer.write(string: try TestKey.rsa().signature([1], .rsaSHA256).blob)
        #expect(throws: SSHAgentError.otherAlgorithm(.rsaSHA256)) {
            try SSHAgentReply.signature(writer.bytes, algorithm: .rsaSHA512)
        }
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0], .messageTooLong), ([0, 4, 0, 1], .messageTooLong), ([0, 0, 1], .wire(.truncated(field: "length"))),
        ] as [([UInt8], SSHAgentError)])
    func `a bad length is refused`(_ header: [UInt8], _ error: SSHAgentError) {
        #expect(throws: error) { try SSHAgentReply.bodyLength(header: header) }
    }

    @Test func `the longest message is accepted`() throws {
        #expect(try SSHAgentReply.bodyLength(header: [0, 4, 0, 0]) == 256 * 1024)
    }
}
