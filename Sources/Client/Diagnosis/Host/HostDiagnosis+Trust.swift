// SPDX-License-Identifier: Apache-2.0

import SSHCertificates

/// Whether sshd takes certificates at all, of this kind, and of our CA.
extension HostDiagnosis {
    func methodChecks(_ settings: OpenSSHSettings) -> [DiagnosisCheck] {
        let methods = settings.lines("authenticationmethods")
        let isEnough = methods.isEmpty || methods.contains("any") || methods.contains("publickey")
        var checks: [DiagnosisCheck] = []
        if !settings.isOn("pubkeyauthentication") {
            checks.append(
                .problem(
                    "public-key", "`PubkeyAuthentication` is off", mend: "set `PubkeyAuthentication yes` in sshd_config"))
        } else if !isEnough {
            checks.append(
                .problem(
                    "public-key", "a certificate is not enough: `AuthenticationMethods \(methods.joined(separator: " "))`",
                    mend: "set `AuthenticationMethods publickey`, or be ready for the other method"))
        } else {
            checks.append(.ok("public-key", "a certificate is enough"))
        }
        if let certificate { checks += [keyAlgorithm(certificate, settings), authorityAlgorithm(certificate, settings)] }
        return checks
    }

    /// RSA certificates are named by the hash of the login's signature, not by their type.
    private func keyAlgorithm(_ certificate: SSHCertificate, _ settings: OpenSSHSettings) -> DiagnosisCheck {
        let names =
            certificate.contents.publicKey.type == .rsa
            ? ["rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com"] : [certificate.typeName]
        let accepted = settings.list("pubkeyacceptedalgorithms")
        guard names.contains(where: { name in accepted.contains { SSHPattern($0).matches(name) } }) else {
            return .problem(
                "key-algorithm", "`PubkeyAcceptedAlgorithms` does not have `\(names[0])`",
                mend: "set `PubkeyAcceptedAlgorithms +\(names[0])`, or use another type of key")
        }
        return .ok("key-algorithm", "`\(names[0])` is accepted")
    }

    private func authorityAlgorithm(_ certificate: SSHCertificate, _ settings: OpenSSHSettings) -> DiagnosisCheck {
        let name = certificate.signature.algorithm.rawValue
        guard settings.list("casignaturealgorithms").contains(where: { SSHPattern($0).matches(name) }) else {
            return .problem(
                "ca-algorithm", "`CASignatureAlgorithms` does not have `\(name)`, with which the CA signs",
                mend: "set `CASignatureAlgorithms +\(name)` in sshd_config")
        }
        return .ok("ca-algorithm", "a CA may sign with `\(name)`")
    }

    func trustedAuthority(_ settings: OpenSSHSettings) -> DiagnosisCheck {
        guard let path = settings["trustedusercakeys"] else {
            return .problem(
                "trusted-ca", "`TrustedUserCAKeys` is not set: sshd knows no CA",
                mend: "`mayfly host config` writes what is missing; put its file into /etc/ssh/sshd_config.d")
        }
        guard let text = try? AtomicFile.readText(path) else {
            return .problem(
                "trusted-ca", "`\(path)` of `TrustedUserCAKeys` cannot be read", mend: "write it with `mayfly host config`")
        }
        let keys = text.split(whereSeparator: \.isNewline).compactMap { try? SSHPublicKey(authorizedKey: String($0)) }
        let wanted = certificate.map { [$0.contents.signatureKey] } ?? authorities
        guard !wanted.isEmpty else {
            return .unknown("trusted-ca", "sshd trusts \(Self.list(keys))", mend: "name the key of your CA with `--user-ca`")
        }
        guard let key = wanted.first(where: keys.contains) else {
            return .problem(
                "trusted-ca", "`\(path)` does not hold \(Self.list(wanted)), but \(Self.list(keys))",
                mend:
                    "write it with `mayfly host config --user-ca FILE`, FILE as `mayfly ca export --format ssh-user` prints it")
        }
        return .ok("trusted-ca", "`\(path)` holds `\(key.fingerprint)`")
    }

    private static func list(_ keys: [SSHPublicKey]) -> String {
        keys.isEmpty ? "no key" : keys.map { "`\($0.fingerprint)`" }.joined(separator: ", ")
    }
}
