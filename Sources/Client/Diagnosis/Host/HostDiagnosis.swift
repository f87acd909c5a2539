// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import Glibc
package import SSHCertificates

/// Why sshd on this host lets a certificate in, or does not: every thing it looks at, in its order, with nothing changed.
package struct HostDiagnosis: Sendable {
    let login: String
    let address: String
    let certificate: SSHCertificate?
    let authorities: [SSHPublicKey]
    let configuration: String?
    let now: Date

    /// - Parameters:
    ///   - address: where the login comes from.
    ///   - certificate: without it, what needs one is left out.
    ///   - authorities: the keys of our user CA.
    ///   - configuration: another `sshd_config` than sshd's own.
    package init(
        login: String, address: String, certificate: SSHCertificate?, authorities: [SSHPublicKey], configuration: String?,
        now: Date
    ) {
        self.login = login
        self.address = address
        self.certificate = certificate
        self.authorities = authorities
        self.configuration = configuration
        self.now = now
    }

    package func checks() async throws -> [DiagnosisCheck] {
        var checks: [DiagnosisCheck] = []
        if let certificate {
            checks += CertificateDiagnosis(certificate).checks(
                login: login, authorities: authorities, address: address, now: now, clock: "this host's")
        }
        let settings: OpenSSHSettings
        switch try await effectiveSettings() {
        case .settings(let found): settings = found
        case .refused(let check): return checks + [check]
        }
        guard let account = try await HostAccount.named(login) else {
            return checks + [
                .problem("account", "there is no account `\(login)` here", mend: "create it, or log in as another user")
            ]
        }
        checks += accountChecks(account, settings)
        checks += methodChecks(settings)
        checks += [trustedAuthority(settings)]
        checks += principalsChecks(account, settings)
        checks += [try await revokedKeys(settings), forcedCommand(settings), authorizedKeys(account, settings)]
        return checks
    }

    private enum Effective {
        case settings(OpenSSHSettings)
        case refused(DiagnosisCheck)
    }

    /// `sshd -T` for this connection, so that `Match` blocks count.
    private func effectiveSettings() async throws -> Effective {
        // It is in no ordinary user's PATH.
        let sshd = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].first(where: AtomicFile.exists) ?? "sshd"
        let answer: (output: [UInt8], status: Int32)
        do {
            answer = try await ChildProgram.answer(
                sshd,
                ["-T", "-C", "user=\(login),host=\(address),addr=\(address)"] + (configuration.map { ["-f", $0] } ?? []),
                limit: 1 << 20)
        } catch ClientError.programMissing {
            return .refused(.problem("sshd-config", "there is no sshd here", mend: "install openssh-server"))
        }
        guard answer.status == 0 else {
            let reason = String(decoding: answer.output, as: UTF8.self).split(whereSeparator: \.isNewline)
                .joined(separator: "; ")
            if geteuid() != 0, reason.contains("ermission denied") || reason.contains("no hostkeys available") {
                return .refused(.unknown("sshd-config", "only root can read it: \(reason)", mend: "run this as root"))
            }
            return .refused(.problem("sshd-config", "sshd does not start with it: \(reason)", mend: "try `sshd -t`"))
        }
        return .settings(OpenSSHSettings(parsing: answer.output))
    }
}
