// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import SSHCertificates

/// What counts besides the certificate: that it was revoked, and settings that go around it.
extension HostDiagnosis {
    func revokedKeys(_ settings: OpenSSHSettings) async throws -> DiagnosisCheck {
        guard let path = settings["revokedkeys"] else {
            return .warning(
                "revoked-keys", "`RevokedKeys` is not set: a revoked certificate works here until it expires",
                mend: "set it to a key revocation list of the CA")
        }
        guard let bytes = try? AtomicFile.read(path, limit: 1 << 28) else {
            return .problem(
                "revoked-keys", "`\(path)` cannot be read: sshd refuses every key and every certificate",
                mend: "fetch the list again, or set `RevokedKeys none` until you have it")
        }
        guard !bytes.isEmpty else {
            return .problem(
                "revoked-keys", "`\(path)` is empty: for sshd, nothing is revoked", mend: "fetch the list again")
        }
        guard let certificate, let line = try? certificate.authorizedKey(), line.utf8.count < 4096 else {
            let answer = try await ChildProgram.answer("ssh-keygen", ["-Q", "-l", "-f", path], limit: 1 << 26)
            return answer.status == 0 ? .ok("revoked-keys", "`\(path)` is a list") : malformed(path)
        }
        let answer = try await ChildProgram.answer(
            "ssh-keygen", ["-Q", "-f", path, "/dev/stdin"], input: Array((line + "\n").utf8))
        let text = String(decoding: answer.output, as: UTF8.self)
        if text.contains("REVOKED") {
            return .problem(
                "revoked-keys", "`\(path)` revokes the certificate, serial \(certificate.contents.serial)",
                mend: "get a new one with `mayfly ssh`, unless the right to it was taken from you")
        }
        return answer.status == 0 ? .ok("revoked-keys", "`\(path)` does not revoke the certificate") : malformed(path)
    }

    private func malformed(_ path: String) -> DiagnosisCheck {
        .problem(
            "revoked-keys", "`\(path)` is damaged: sshd refuses every key and every certificate",
            mend: "fetch the list again; check it with `ssh-keygen -Q -l -f \(path)`")
    }

    func forcedCommand(_ settings: OpenSSHSettings) -> DiagnosisCheck {
        let own = certificate?.contents.criticalOptions.forceCommand
        guard let command = settings["forcecommand"] else {
            return .ok("force-command", own.map { "the certificate's command runs: `\($0)`" } ?? "no command is forced")
        }
        return .problem(
            "force-command",
            "`ForceCommand \(command)` runs instead of " + (own.map { "the certificate's `\($0)`" } ?? "what is asked for"),
            mend: "keep it out of `Match` blocks that apply to `\(login)`, unless it is meant")
    }

    /// Keys that let in beside the CA: nobody revokes them, and they never expire.
    func authorizedKeys(_ account: HostAccount, _ settings: OpenSSHSettings) -> DiagnosisCheck {
        let paths = settings["authorizedkeysfile"]?.split(separator: " ").map {
            HostDiagnosis.expand(String($0), for: account)
        }
        let found = (paths ?? []).filter { path in
            let lines = (try? AtomicFile.readText(path))?.split(whereSeparator: \.isNewline) ?? []
            return lines.contains { !$0.trimmingPrefix(while: \.isWhitespace).hasPrefix("#") }
        }
        if settings["authorizedkeyscommand"] != nil {
            return .warning(
                "authorized-keys", "`AuthorizedKeysCommand` lets keys in beside the CA", mend: "remove it unless it is meant")
        }
        guard let first = found.first else { return .ok("authorized-keys", "no key lets in beside the CA") }
        return .warning(
            "authorized-keys", "keys in `\(first)` let in beside the CA, and never expire",
            mend: "set `AuthorizedKeysFile none` where certificates alone are to count")
    }
}
