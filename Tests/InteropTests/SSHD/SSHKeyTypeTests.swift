// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// OpenSSH agrees with every algorithm: of the CA, and of the certified key.
@Suite(.timeLimit(.minutes(10)))
struct SSHKeyTypeTests {
    struct Algorithm: Sendable, CustomTestStringConvertible {
        let name: String
        /// What `ssh-keygen -L` calls it.
        let signature: String

        var testDescription: String { name }
    }

    static let authorities = [
        Algorithm(name: "ed25519", signature: "using ssh-ed25519"),
        Algorithm(name: "ecdsa-p256", signature: "using ecdsa-sha2-nistp256"),
        Algorithm(name: "ecdsa-p384", signature: "using ecdsa-sha2-nistp384"),
        Algorithm(name: "ecdsa-p521", signature: "using ecdsa-sha2-nistp521"),
        Algorithm(name: "rsa-3072", signature: "using rsa-sha2-512"),
        Algorithm(name: "rsa-4096", signature: "using rsa-sha2-512"),
    ]

    /// The arguments of `ssh-keygen`, and the type of the certificate.
    static let subjects = [
        (["-t", "ed25519"], "ssh-ed25519-cert-v01@openssh.com"),
        (["-t", "ecdsa", "-b", "256"], "ecdsa-sha2-nistp256-cert-v01@openssh.com"),
        (["-t", "ecdsa", "-b", "384"], "ecdsa-sha2-nistp384-cert-v01@openssh.com"),
        (["-t", "ecdsa", "-b", "521"], "ecdsa-sha2-nistp521-cert-v01@openssh.com"),
        (["-t", "rsa", "-b", "3072"], "ssh-rsa-cert-v01@openssh.com"),
    ]

    @Test(arguments: authorities)
    func `sshd lets every type of key in, whatever signed its certificate`(authority: Algorithm) async throws {
        try await Lab.open(policy: TestPolicy.ssh, keys: ["ssh_user": authority.name]) { lab in
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                for (index, (type, name)) in Self.subjects.enumerated() {
                    let key = try await lab.makeKey("key\(index)", type: type)
                    let certificate = try await lab.certify(key, role: "shell")
                    let listing = try await lab.listing(certificate)
                    #expect(listing.contains("Type: \(name) user certificate"))
                    #expect(listing.contains(authority.signature))
                    let session = try await sshd.ssh(key: key, certificate: certificate)
                    #expect(session.stdout == lab.login + "\n", "\(name): \(session.stderr)\(sshd.log)")
                }
            }
        }
    }

    @Test(arguments: authorities)
    func `ssh believes host certificates, whatever signed them`(authority: Algorithm) async throws {
        try await Lab.open(policy: TestPolicy.ssh, keys: ["ssh_host": authority.name]) { lab in
            let hostKey = try await lab.makeKey("host", type: ["-t", "ecdsa", "-b", "256"])
            let hostCertificate = try await lab.certifyHost(hostKey, name: "localhost")
            #expect(try await lab.listing(hostCertificate).contains(authority.signature))
            let key = try await lab.makeKey("key")
            let certificate = try await lab.certify(key, role: "shell")
            let sshd = try await lab.sshd(zones: ["lab"], hostKey: hostKey, hostCertificate: hostCertificate)
            try await serving(sshd) { sshd in
                let authority = try await lab.exported("ssh-host")
                let session = try await sshd.ssh(
                    key: key, certificate: certificate, trusting: .authority(authority, name: "localhost"))
                #expect(session.stdout == lab.login + "\n", "\(session.stderr)")
            }
        }
    }

    /// Without the token nobody can log in with these: OpenSSH reads the certificate and verifies its signature.
    @Test(arguments: [
        (["-t", "ed25519"], "sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com"),
        (["-t", "ecdsa", "-b", "256"], "sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"),
    ])
    func `ssh-keygen reads certificates of keys on a token`(type: [String], name: String, certified: String) async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key", type: type)
            let line = try tokenKeyLine(of: try lab.work.text(of: "key.pub"), type: name)
            try lab.work.write(line + "\n", to: "token.pub")
            let certificate = try await lab.certify(lab.work.file("token"), role: "token")
            let listing = try await lab.listing(certificate)
            #expect(listing.contains("Type: \(certified) user certificate"))
            #expect(listing.contains("verify-required"))

            let refused = try await lab.ca.mayfly(["issue", "ssh", "--role", "token", "--public-key", key + ".pub"])
            #expect(refused.status == 2, "the role is for keys on a token: \(refused.stderr)")
        }
    }

    @Test func `a user certificate of a changed byte is refused by ssh-keygen and sshd`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            let certificate = try await lab.certify(key, role: "shell")
            var words = try String(contentsOfFile: certificate, encoding: .utf8).split(separator: " ").map(String.init)
            var blob = try #require(Data(base64Encoded: words[1]))
            let place = try #require(blob.firstRange(of: Data("\(lab.login)@zone:lab".utf8))).lowerBound
            blob[place] ^= 1
            words[1] = blob.base64EncodedString()
            let forged = try lab.work.write(words.joined(separator: " "), to: "forged-cert.pub")
            #expect(try await run("ssh-keygen", ["-L", "-f", forged]).succeeded == false)
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                let refused = try await sshd.ssh(key: key, certificate: forged)
                #expect(refused.status == 255)
            }
        }
    }

    /// The public key a token would have: the same point, another type, and the application at the end
    /// (PROTOCOL.u2f of OpenSSH).
    private func tokenKeyLine(of line: String, type: String) throws -> String {
        func string(_ text: String) -> Data {
            let length = UInt32(text.utf8.count)
            return Data([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }) + Data(text.utf8)
        }
        let words = line.split(separator: " ")
        let blob = try #require(Data(base64Encoded: String(words[1])))
        return type + " " + (string(type) + blob.dropFirst(4 + words[0].utf8.count) + string("ssh:")).base64EncodedString()
    }
}
