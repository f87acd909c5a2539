// SPDX-License-Identifier: Apache-2.0

import SSHCertificates

/// Settings of ssh_config(5) by which ssh does not offer a certificate that is there.
extension ClientDiagnosis {
    package func settingsChecks(_ held: [Held], environment: [String: String]) async throws -> [DiagnosisCheck] {
        let settings = try await settings()
        var checks = [offering(settings, held), agent(settings, held, environment)].compactMap(\.self)
        if let open = try await multiplexed(settings) { checks.append(open) }
        return checks.isEmpty ? [.ok("ssh-config", "nothing in it hides a certificate")] : checks
    }

    private func offering(_ settings: OpenSSHSettings, _ held: [Held]) -> DiagnosisCheck? {
        if ["no", "false"].contains(settings["pubkeyauthentication"]) {
            return .problem(
                "ssh-config", "`PubkeyAuthentication no`: ssh offers neither keys nor certificates",
                mend: "remove it from ssh_config for `\(host)`")
        }
        let methods = settings.list("preferredauthentications")
        if !methods.isEmpty, !methods.contains("publickey") {
            return .problem(
                "ssh-config", "`PreferredAuthentications \(methods.joined(separator: ","))` leaves certificates out",
                mend: "add `publickey` to it in ssh_config for `\(host)`")
        }
        let type = held.first?.certificate.typeName ?? "ssh-ed25519-cert-v01@openssh.com"
        let accepted = settings.list("pubkeyacceptedalgorithms")
        let names =
            type.hasPrefix("ssh-rsa-") ? ["rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com"] : [type]
        if !accepted.isEmpty, !names.contains(where: accepted.contains) {
            return .problem(
                "ssh-config", "`PubkeyAcceptedAlgorithms` does not have `\(names[0])`",
                mend: "set `PubkeyAcceptedAlgorithms +\(names[0])` in ssh_config for `\(host)`")
        }
        return nil
    }

    /// `mayfly ssh` names its certificate on the command line, so these are about plain `ssh`.
    private func agent(
        _ settings: OpenSSHSettings, _ held: [Held], _ environment: [String: String]
    ) -> DiagnosisCheck? {
        guard held.contains(where: { $0.place == .agent }) else { return nil }
        let mend = "connect with `mayfly ssh`, or remove it from ssh_config for `\(host)`"
        if settings.isOn("identitiesonly"), settings.lines("certificatefile").isEmpty {
            return .warning(
                "agent", "`IdentitiesOnly yes`: plain ssh does not offer the certificate in ssh-agent", mend: mend)
        }
        // `none` is no value for the settings, so both are looked at as they are written.
        let socket = settings.lines("identityagent").first
        if let socket, socket != "SSH_AUTH_SOCK", socket != environment["SSH_AUTH_SOCK"] {
            return .warning(
                "agent", "`IdentityAgent \(socket)`: plain ssh asks another agent than the one with the certificate", mend: mend
            )
        }
        return nil
    }

    /// A connection that is shared was authenticated when it was opened, by whatever was in hand then.
    private func multiplexed(_ settings: OpenSSHSettings) async throws -> DiagnosisCheck? {
        guard settings["controlpath"] != nil else { return nil }
        let answer = try await ChildProgram.answer("ssh", ["-O", "check", target] + arguments)
        guard answer.status == 0 else { return nil }
        return .warning(
            "multiplexing", "ssh shares a connection that is open already: a new certificate changes nothing in it",
            mend: "close it with `ssh -O exit \(target)`")
    }
}
