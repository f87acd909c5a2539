// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// An sshd that sees other files than the rest of the host: accounts that nobody else knows, a journal of its own.
extension SSHServer {
    package struct Account: Sendable, ExpressibleByStringLiteral {
        package let name: String
        package var shell = "/bin/bash"
        /// As in shadow(5): `*` fits none, `!` locks.
        package var password = "*"

        package init(stringLiteral name: String) { self.name = name }
    }

    /// Whether this process may give a program its own view of the files (mount_namespaces(7)).
    package static let canHaveAccounts = CurrentUser.isRoot && Program.succeeds("unshare", ["--mount", "true"])
    package static let canHaveJournal = canHaveAccounts && FileManager.default.isExecutableFile(atPath: journald)

    private static let journald = "/lib/systemd/systemd-journald"

    /// What starts sshd, which keeps the number of the process.
    static func command(_ configuration: Configuration, _ file: String, _ directory: TemporaryDirectory) throws -> [String] {
        let sshd = try Program.path(of: "sshd")
        guard !configuration.accounts.isEmpty || configuration.logsToJournal else { return [sshd, "-D", "-e", "-f", file] }
        var script = "set -e; mount --make-rprivate /\n"
        if !configuration.accounts.isEmpty {
            // Another number in each test: what one's account leaves in /tmp is not that of another's.
            let first = Int.random(in: 1_000_000...1_000_000_000)
            let numbered = configuration.accounts.enumerated().map { ($1, first + $0) }
            let passwd = numbered.map { "\($0.name):x:\($1):\($1)::/nonexistent:\($0.shell)\n" }.joined()
            let shadow = numbered.map { account, _ in "\(account.name):\(account.password):::::::\n" }.joined()
            script += try bind("/etc/passwd", adding: passwd, mode: 0o644, in: directory)
            script += try bind("/etc/shadow", adding: shadow, mode: 0o600, in: directory)
        }
        if configuration.logsToJournal {
            // journald makes its sockets in /run/systemd, and syslog(3) writes to /dev/log.
            let devices = try directory.makeDirectory("dev", mode: 0o755)
            script += """
                mkdir -p /run/systemd /run/log
                mount -t tmpfs tmpfs /run/systemd; mount -t tmpfs tmpfs /run/log; mkdir /run/systemd/journal
                mount -t tmpfs -o mode=755 tmpfs \(devices)
                for name in null zero random urandom tty ptmx; do touch \(devices)/$name; mount --bind /dev/$name \(devices)/$name; done
                mkdir \(devices)/pts; mount --bind /dev/pts \(devices)/pts
                ln -s /run/systemd/journal/dev-log \(devices)/log
                mount --rbind \(devices) /dev
                setpriv --pdeathsig=KILL \(journald) &
                while ! test -S /run/systemd/journal/dev-log; do sleep 0.02; done

                """
        }
        script += "exec \(sshd) -D \(configuration.logsToJournal ? "" : "-e") -f \(file)\n"
        return ["unshare", "--mount", "--", "bash", "-c", script]
    }

    /// A command that has the server see more lines in a file.
    private static func bind(
        _ path: String, adding lines: String, mode: mode_t, in directory: TemporaryDirectory
    ) throws -> String {
        let text = try String(contentsOfFile: path, encoding: .utf8) + lines
        let copy = try directory.write(text, to: path.replacing("/", with: "_"), mode: mode)
        return "mount --bind \(copy) \(path)\n"
    }

    /// Runs a program that sees the files that sshd sees.
    package func inside(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> ProcessResult {
        guard CurrentUser.isRoot else { return try await run(program, arguments, environment: environment) }
        return try await run(
            "nsenter", ["--mount=/proc/\(processID)/ns/mnt", "--", program] + arguments, environment: environment)
    }
}
