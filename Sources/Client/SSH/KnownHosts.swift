// SPDX-License-Identifier: Apache-2.0

import SSHCertificates

/// What makes ssh take a host's certificate: a file of known hosts that trusts the host CA for the one host a credential is
/// for, beside the files the person has. A host without a certificate is what it is to them without us.
struct KnownHosts: Equatable, Sendable {
    /// Of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT: whole lines.
    let text: String
    /// The value of `UserKnownHostsFile`: the person's files first, because ssh adds new keys to the first.
    let option: String

    /// Nil where ssh's configuration cannot be told apart, or the host's name might be taken for a pattern.
    /// - Parameters:
    ///   - authorities: lines as in `ssh_host_ca.pub`.
    ///   - path: where `text` will lie.
    init?(_ destination: SSHDestination, authorities: String, path: String) {
        let keys = authorities.split(separator: "\n").compactMap {
            try? SSHPublicKey(authorizedKey: String($0)).authorizedKey()
        }
        guard let names = destination.hostKeyNames, let files = destination.knownHostsFiles, !keys.isEmpty else { return nil }
        text = keys.map { "@cert-authority \(names.joined(separator: ",")) \($0)\n" }.joined()
        option = (files + [path]).map(Self.quoted).joined(separator: " ")
    }

    /// ssh splits the value at spaces outside of quotes, and replaces `%`; what `ssh -G` printed was replaced before.
    private static func quoted(_ path: String) -> String {
        "\"" + path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%") + "\""
    }
}
