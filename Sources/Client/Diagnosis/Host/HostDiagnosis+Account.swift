// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import SSHCertificates
import SystemPackage

/// Whether anybody may log in to the account, by whatever method (sshd: `allowed_user`).
extension HostDiagnosis {
    func accountChecks(_ account: HostAccount, _ settings: OpenSSHSettings) -> [DiagnosisCheck] {
        [accountState(account, settings), userLists(account, settings), rootLogin(account, settings), noLogin(account)]
            .compactMap(\.self)
    }

    private func accountState(_ account: HostAccount, _ settings: OpenSSHSettings) -> DiagnosisCheck {
        guard AtomicFile.exists(account.shell), FileManager.default.isExecutableFile(atPath: account.shell) else {
            return .problem(
                "account", "its shell `\(account.shell)` is not there", mend: "`usermod -s /bin/bash \(account.name)`")
        }
        guard let shadow = account.shadow else {
            return geteuid() == 0
                ? .ok("account", "`\(account.name)` is there")
                : .unknown("account", "only root sees whether `\(account.name)` is locked", mend: "run this as root")
        }
        // With PAM, sshd leaves the question to it, and PAM asks for locks of passwords only with passwords.
        if shadow.isLocked, !settings.isOn("usepam") {
            return .problem(
                "account", "`\(account.name)` is locked: without PAM, sshd then refuses keys too",
                mend: "give it a password nobody has: `usermod -p '*' \(account.name)`")
        }
        if let days = shadow.expires, Double(days) * 86_400 <= now.timeIntervalSince1970 {
            return .problem(
                "account", "`\(account.name)` has expired", mend: "`chage -E -1 \(account.name)` lets it live on")
        }
        return .ok("account", "`\(account.name)` is there, and open")
    }

    private func userLists(_ account: HostAccount, _ settings: OpenSSHSettings) -> DiagnosisCheck {
        func isListed(_ keyword: String) -> Bool {
            settings.lines(keyword).contains { SSHPattern($0).matches(user: account.name, from: address) }
        }
        func isGroupListed(_ keyword: String) -> Bool {
            settings.lines(keyword).contains { pattern in account.groupNames.contains { SSHPattern(pattern).matches($0) } }
        }
        let reason: String? =
            if isListed("denyusers") {
                "`DenyUsers` lists `\(account.name)` from `\(address)`"
            } else if !settings.lines("allowusers").isEmpty, !isListed("allowusers") {
                "`AllowUsers` does not list `\(account.name)` from `\(address)`"
            } else if isGroupListed("denygroups") {
                "`DenyGroups` lists a group of `\(account.name)`"
            } else if !settings.lines("allowgroups").isEmpty, !isGroupListed("allowgroups") {
                "`AllowGroups` lists no group of `\(account.name)`"
            } else {
                nil
            }
        guard let reason else { return .ok("user-lists", "sshd_config keeps `\(account.name)` from nowhere") }
        return .problem("user-lists", reason, mend: "change it in sshd_config, then `sshd -t && systemctl reload ssh`")
    }

    private func rootLogin(_ account: HostAccount, _ settings: OpenSSHSettings) -> DiagnosisCheck? {
        guard account.user == 0, let value = settings["permitrootlogin"] else { return nil }
        let isForced = certificate?.contents.criticalOptions.forceCommand != nil || settings["forcecommand"] != nil
        guard value == "no" || value == "forced-commands-only" && !isForced else {
            return .ok("root-login", "`PermitRootLogin` is `\(value)`")
        }
        return .problem(
            "root-login", "`PermitRootLogin` is `\(value)`",
            mend: "log in as another user, or set `PermitRootLogin prohibit-password`")
    }

    /// nologin(5).
    private func noLogin(_ account: HostAccount) -> DiagnosisCheck? {
        guard account.user != 0, let path = ["/etc/nologin", "/run/nologin"].first(where: AtomicFile.exists) else { return nil }
        return .problem("no-login", "`\(path)` keeps everybody but root out", mend: "remove it when the maintenance is over")
    }
}
