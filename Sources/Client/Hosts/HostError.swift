// SPDX-License-Identifier: Apache-2.0

import AuditLog

/// Why a host is not set up, or not brought up to date. What was there before still is.
package enum HostError: Error, Equatable {
    case alreadyEnrolled
    case notEnrolled
    case busy
    case notRegular(path: String)
    case sshdMissing(String)
    /// It was like this before anything was changed.
    case configurationBroken(path: String)
    case configurationRefused
    case notIncluded(dropIn: String)
    case setElsewhere(keyword: String, value: String)
    case hostKeyUnused(path: String)
    case reloadUnknown
    case reloadFailed
    case certificate(String)
    case authorities(String)
    case revocationList(String)
    case revocationListLost(path: String)
    case certificateExpired
    case token(path: String)
    case rootPath(String)
    case sessions(String)
}

extension HostError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .alreadyEnrolled: "this host is enrolled already"
        case .notEnrolled: "this host is not enrolled"
        case .busy: "another `mayfly` is at work here"
        case .notRegular(let path): "`\(TerminalText.text(path))` is not a regular file"
        case .sshdMissing(let program): "`\(TerminalText.text(program))` is not there"
        case .configurationBroken(let path): "sshd does not accept `\(TerminalText.text(path))` as it is"
        case .configurationRefused: "sshd does not accept the new configuration; the old one is in place again"
        case .notIncluded(let dropIn): "sshd does not read `\(TerminalText.text(dropIn))`"
        case .setElsewhere(let keyword, let value):
            "`\(keyword)` of sshd is set elsewhere already: `\(TerminalText.text(value))`"
        case .hostKeyUnused(let path): "sshd does not use the host key `\(TerminalText.text(path))`"
        case .reloadUnknown: "whether sshd runs cannot be told: it writes no `PidFile`"
        case .reloadFailed: "sshd was told to read its configuration again, and did not start anew"
        case .certificate(let reason): "the host certificate from the server cannot be used: \(reason)"
        case .authorities(let reason): "the CA keys from the server cannot be used: \(reason)"
        case .revocationList(let reason): "the revocation list from the server cannot be used: \(reason)"
        case .revocationListLost(let path):
            "`\(TerminalText.text(path))` is not a revocation list: sshd lets nobody in, or everybody"
        case .certificateExpired: "the host certificate has expired"
        case .token(let path): "`\(TerminalText.text(path))` does not hold a token"
        case .sessions(let reason): "the open sessions cannot be looked at: \(TerminalText.text(reason))"
        case .rootPath(let path): "`\(TerminalText.text(path))` cannot stand in sshd_config"
        }
    }

    package var hint: String? {
        switch self {
        case .alreadyEnrolled: "undo that first with `mayfly host leave`, also where it was interrupted"
        case .notEnrolled: "enrol it with `mayfly host enroll`"
        case .busy: "try again in a moment"
        case .notRegular: "replace it with a regular file"
        case .sshdMissing: "name it with `--sshd`; on Debian, `apt install openssh-server` brings it"
        case .configurationBroken: "mend it until `sshd -t` is content"
        case .notIncluded: "begin sshd_config with `Include /etc/ssh/sshd_config.d/*.conf`"
        case .setElsewhere: "remove it there; sshd takes the first it finds"
        case .hostKeyUnused: "name one of its host keys with `--host-key`"
        case .reloadUnknown: "restart sshd yourself, then repeat this with `--no-reload`"
        case .reloadFailed: "look at its log, then repeat this"
        case .revocationListLost: "`mayfly host sync --once` fetches it"
        case .certificateExpired: "enrol it again, after `mayfly host leave`"
        case .token: "it is made by `mayfly token create --out FILE`"
        case .configurationRefused, .certificate, .authorities, .revocationList, .rootPath, .sessions: nil
        }
    }
}
