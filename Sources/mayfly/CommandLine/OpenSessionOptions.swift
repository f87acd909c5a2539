// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import Glibc
import SSHCertificates

/// Which sessions are ours, and what tells by which certificate they were opened.
struct OpenSessionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Keys of the CA that certified the people.", valueName: "file"))
    var userCa = "/etc/ssh/mayfly/user_ca.pub"

    @Option(
        help: ArgumentHelp(
            "What sshd logs to: journal, a file, or none; by default the journal where there is one.", valueName: "log"))
    var log = "auto"

    func sessions() async throws -> [OpenSession] {
        if geteuid() != 0 { Console.note("only root sees the sessions of others") }
        let lines = try AtomicFile.readText(userCa, limit: 65_536).split(whereSeparator: \.isNewline)
        let keys = try lines.filter { !$0.hasPrefix("#") && !$0.isEmpty }.map { line in
            do throws(SSHKeyError) {
                return try SSHPublicKey(authorizedKey: String(line))
            } catch {
                throw ClientError.keyFile(path: userCa, reason: error.description)
            }
        }
        return try await OpenSessions(authorities: keys, log: record).all()
    }

    private var record: (any SSHDLog)? {
        switch log {
        case "none": nil
        case "journal": SystemJournal()
        // The socket that systemd's own library looks for (sd_journal_stream_fd(3)).
        case "auto": AtomicFile.exists("/run/systemd/journal/socket") ? SystemJournal() : nil
        default: SSHDLogFile(path: log)
        }
    }
}
