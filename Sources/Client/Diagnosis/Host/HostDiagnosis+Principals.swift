// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import SSHCertificates

/// Whether the certificate is for this account on this host.
extension HostDiagnosis {
    private static let mend = "write it with `mayfly host config --zones ZONE --logins LOGIN`"

    func principalsChecks(_ account: HostAccount, _ settings: OpenSSHSettings) -> [DiagnosisCheck] {
        if settings["authorizedprincipalscommand"] != nil {
            return [.unknown("principals", "a program decides: `AuthorizedPrincipalsCommand` is set")]
        }
        guard let template = settings["authorizedprincipalsfile"] else {
            return [withoutFile(account)]
        }
        let path = Self.expand(template, for: account)
        if let obstacle = FileAccess(path: path).obstacle(for: account) {
            return [
                .problem(
                    "principals", "sshd reads `\(path)` as `\(account.name)`, and \(obstacle)", mend: Self.mend)
            ]
        }
        if settings.isOn("strictmodes"), let looseness = FileAccess(path: path).looseness(for: account) {
            return [
                .problem(
                    "strict-modes", "`StrictModes` has sshd ignore `\(path)`: \(looseness)",
                    mend: "let it and every folder above it belong to root, and be closed to other writers")
            ]
        }
        guard let text = try? AtomicFile.readText(path) else {
            return [.unknown("principals", "`\(path)` cannot be read from here", mend: "run this as root")]
        }
        return [content(of: path, Self.principals(in: text), account)]
    }

    /// Without a file a principal has to be the login itself.
    private func withoutFile(_ account: HostAccount) -> DiagnosisCheck {
        if let certificate, certificate.contents.principals.names.contains(account.name) {
            return .ok("principals", "the certificate names `\(account.name)`, and no file asks for more")
        }
        return .problem(
            "principals",
            "`AuthorizedPrincipalsFile` is not set: sshd wants a certificate for `\(account.name)` itself, which no zone gives",
            mend: "`mayfly host config` writes what is missing; put its file into /etc/ssh/sshd_config.d")
    }

    private func content(of path: String, _ allowed: [String], _ account: HostAccount) -> DiagnosisCheck {
        let list = allowed.isEmpty ? "nobody" : allowed.map { "`\($0)`" }.joined(separator: ", ")
        guard let certificate else {
            return allowed.contains { $0.hasPrefix(account.name + "@") }
                ? .ok("principals", "`\(path)` lets in \(list)")
                : .problem(
                    "principals", "`\(path)` lets in \(list): nothing of the form `\(account.name)@zone:…`", mend: Self.mend)
        }
        let own = certificate.contents.principals.names
        guard let match = own.first(where: allowed.contains) else {
            return .problem(
                "principals",
                "the certificate is for \(own.map { "`\($0)`" }.joined(separator: ", ")); `\(path)` lets in \(list)",
                mend: "connect by the name that is there, take a role that reaches this host, or write it anew with "
                    + "`mayfly host config --zones ZONE --logins LOGIN --hostname HOST`")
        }
        return .ok("principals", "`\(path)` lets in `\(match)`")
    }

    /// sshd_config(5), TOKENS; a relative path is one below the home directory.
    static func expand(_ template: String, for account: HostAccount) -> String {
        var path = ""
        var isToken = false
        for character in template {
            if isToken {
                switch character {
                case "u": path += account.name
                case "h": path += account.home
                case "U": path += String(account.user)
                default: path.append(character)
                }
                isToken = false
            } else if character == "%" {
                isToken = true
            } else {
                path.append(character)
            }
        }
        return path.hasPrefix("/") ? path : account.home + "/" + path
    }

    /// A line may begin with options; the principal is its last word.
    private static func principals(in text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.prefix { $0 != "#" }.split(whereSeparator: { $0 == " " || $0 == "\t" })
            return words.last.map(String.init)
        }
    }
}
