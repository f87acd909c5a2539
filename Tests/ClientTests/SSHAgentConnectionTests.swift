// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import SSHCertificates
import ServiceAPI
import TestSupport
import Testing

@testable import Client

struct SSHAgentConnectionTests {
    @Test func `ssh-agent holds the certificate and its key, and lets go of it`() async throws {
        let server = try await SSHAgent()
        try await serving(server) { server in
            let agent = SSHAgentConnection(socket: server.socket)
            #expect(try await agent.identities() == [])
            let test = try await CertifiedKey(lifetime: "+1m")
            try await agent.add(test.key, certificate: test.certificate, comment: "mayfly lab", lifetime: .seconds(60))
            #expect(try await agent.identities().map(\.blob) == [test.certificate.blob])
            #expect(try await server.sshAdd(["-l"]).stdout.contains("mayfly lab (ED25519-CERT)"))
            try await agent.remove(blob: test.certificate.blob)
            #expect(try await agent.identities() == [])
            await #expect(throws: ClientError.self) { try await agent.remove(blob: test.certificate.blob) }
        }
    }

    @Test func `ssh-agent forgets the key when its time is over`() async throws {
        let server = try await SSHAgent()
        try await serving(server) { server in
            let agent = SSHAgentConnection(socket: server.socket)
            let test = try await CertifiedKey(lifetime: "+1m")
            try await agent.add(test.key, certificate: test.certificate, comment: "", lifetime: .seconds(30))
            #expect(try await agent.identities().count == 1)
            // However busy the machine is: it is there at first, and goes without being removed.
            while try await !agent.identities().isEmpty { try await Task.sleep(for: .milliseconds(500)) }
        }
    }

    @Test(arguments: [["-t", "ed25519"], ["-t", "ecdsa"], ["-t", "rsa", "-b", "3072"]])
    func `a key in ssh-agent signs a login`(_ type: [String]) async throws {
        let server = try await SSHAgent()
        try await serving(server) { server in
            let directory = try TemporaryDirectory()
            try await MayflyCA.makeKey(directory.file("id"), type: type)
            try await server.sshAdd(["-q", directory.file("id")]).checked()
            let signers = try await LoginSigner.candidates(
                keyFile: nil, environment: ["SSH_AUTH_SOCK": server.socket, "HOME": directory.path])
            let signer = try #require(signers.first)
            #expect(signers.count == 1)
            let key = try SSHCredentialFiles.publicKey(inFile: directory.file("id.pub"))
            #expect(signer.name == key.fingerprint)
            let signature = try SSHSIG(armored: try await signer.signature(over: [1, 2, 3]))
            _ = try signature.verify(message: [1, 2, 3], namespace: LoginMessage.namespace, allowedKeys: [key])
        }
    }

    @Test func `no agent is said as such`() async throws {
        #expect(throws: ClientError.agentUnavailable(path: nil)) { try SSHAgentConnection(environment: [:]) }
        let directory = try TemporaryDirectory()
        let socket = directory.file("none")
        await #expect(throws: ClientError.agentUnavailable(path: socket)) {
            try await SSHAgentConnection(socket: socket).identities()
        }
    }

    @Test(
        arguments: [
            [], [0, 0], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 12], [0, 0, 0, 5, 12, 0xff, 0xff, 0xff, 0xff],
            [0, 0, 0, 5, 12, 0, 0, 0, 0, 99], [0, 0, 0, 1, 5],
        ] as [[UInt8]])
    func `an agent that does not keep to the protocol is refused`(_ reply: [UInt8]) async throws {
        let directory = try TemporaryDirectory()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { $0.pipeline.addHandler(Replying(reply)) }
            .bind(unixDomainSocketPath: directory.file("agent")).get()
        await #expect {
            try await SSHAgentConnection(socket: directory.file("agent")).identities()
        } throws: { error in
            if case ClientError.agent = error { true } else { false }
        }
        try await channel.close()
    }

    private final class Replying: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let reply: [UInt8]
        init(_ reply: [UInt8]) { self.reply = reply }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(NIOAny(ByteBuffer(bytes: reply)), promise: nil)
            context.close(promise: nil)
        }
    }
}

/// A key of ours with a certificate that ssh-keygen made for it.
struct CertifiedKey: ~Copyable {
    let key: OpenSSHPrivateKey
    let certificate: SSHCertificate

    /// - Parameter lifetime: as `ssh-keygen -V` takes it.
    init(lifetime: String) async throws {
        let directory = try TemporaryDirectory()
        try await MayflyCA.makeKey(directory.file("ca"))
        let key = OpenSSHPrivateKey(generating: .ed25519)
        let files = SSHCredentialFiles(path: directory.file("id"))
        try files.write(key, comment: "test")
        try await TestSupport.run(
            "ssh-keygen",
            ["-q", "-s", directory.file("ca"), "-I", "test", "-n", "ana", "-z", "1", "-V", lifetime, files.publicKeyPath]
        ).checked()
        let line = try AtomicFile.readText(files.certificatePath)
        certificate = try SSHCertificate(issued: line, for: key.publicKey)
        self.key = key
    }
}
