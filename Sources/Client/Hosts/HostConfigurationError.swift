// SPDX-License-Identifier: Apache-2.0

import AuditLog

/// Why a host cannot be configured like this.
package enum HostConfigurationError: Error, Equatable {
    case noLogins
    case noZones
    case zone(String)
    case login(String)
    case hostName(String)
    case path(String)
    case userCA(String)
}

extension HostConfigurationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noLogins: "no login is named"
        case .noZones: "neither a zone nor a host name is named"
        case .zone(let name): "`\(TerminalText.text(name))` is not the name of a zone"
        case .login(let name): "`\(TerminalText.text(name))` is not a login"
        case .hostName(let name): "`\(TerminalText.text(name))` is not a host name in lower case"
        case .path(let path): "`\(TerminalText.text(path))` cannot stand in sshd_config"
        case .userCA(let reason): "the user CA: \(reason)"
        }
    }

    package var hint: String? {
        switch self {
        case .noLogins: "name the accounts that may be logged in to with `--logins`"
        case .noZones: "name the zones of this host with `--zones`"
        case .zone: "it has the form `prod-web`: lower-case letters, digits, `-`, `_` and `.`"
        case .login: "it has the form `[a-z_][a-z0-9_.-]*`"
        case .hostName: "write what `ssh -G HOST` prints as hostname"
        case .path: "choose an absolute path without spaces, quotes and `%`"
        case .userCA: "`mayfly ca export --format ssh-user` prints it"
        }
    }
}
