// SPDX-License-Identifier: Apache-2.0

package import SSHCertificates
import ServiceAPI

/// An SSH key that can prove who one is.
package enum LoginSigner: Sendable {
    /// `ssh-keygen` signs: it asks for the passphrase, wakes security keys, and finds the key of a `.pub` file in ssh-agent.
    case file(String)
    case agent(SSHAgentConnection, SSHPublicKey)

    /// Armored SSHSIG over `message`.
    package func signature(over message: [UInt8], in namespace: String = LoginMessage.namespace) async throws -> String {
        switch self {
        case .file(let path):
            guard AtomicFile.exists(path) else { throw ClientError.unreadable(path: path) }
            let output = try await ChildProgram.run(
                "ssh-keygen", ["-q", "-Y", "sign", "-n", namespace, "-f", path], input: message)
            return String(decoding: output, as: UTF8.self)
        case .agent(let agent, let key):
            let signed = try SSHSIG.bytesToSign(message: message, namespace: namespace)
            let signature = try await agent.signature(over: signed, with: key)
            return try SSHSIG(
                publicKey: key, namespace: namespace, hash: .sha512, signature: signature
            ).armored
        }
    }

    /// How the person knows it.
    var name: String {
        switch self {
        case .file(let path): path
        case .agent(_, let key): key.fingerprint
        }
    }
}

extension LoginSigner {
    /// Keys of the agent that are offered; like sshd, the server counts failures.
    private static let mostAgentKeys = 5
    /// Where ssh looks for keys too.
    private static let fileNames = ["id_ed25519", "id_ecdsa", "id_rsa"]

    /// What to try, in this order: the key that was named and nothing else, or the keys in ssh-agent and then the usual
    /// files, read only.
    package static func candidates(keyFile: String?, environment: [String: String]) async throws -> [LoginSigner] {
        if let keyFile { return [.file(keyFile)] }
        var signers: [LoginSigner] = []
        var keys: [SSHPublicKey] = []
        if let agent = try? SSHAgentConnection(environment: environment), let held = try? await agent.identities() {
            keys = held.compactMap(\.publicKey).prefix(mostAgentKeys).map(\.self)
            signers = keys.map { .agent(agent, $0) }
        }
        if let home = environment["HOME"], !home.isEmpty {
            for path in fileNames.map({ "\(home)/.ssh/\($0)" }) where AtomicFile.exists(path) {
                let line = try? AtomicFile.readText(path + ".pub", limit: 65_536)
                let isInAgent = line.flatMap { try? SSHPublicKey(authorizedKey: $0) }.map(keys.contains) ?? false
                if !isInAgent { signers.append(.file(path)) }
            }
        }
        guard !signers.isEmpty else { throw ClientError.noSigningKey }
        return signers
    }
}
