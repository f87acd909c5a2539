// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Glibc
import SSHCertificates

/// Which sessions are ours, and what tells by which certificate they were opened.
struct OpenSessionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Keys of the CA that certified the people.", valueName: "file"))
    var userCa = "/etc/ssh/mayfly/user_ca.pub"

    @OptionGroup var log: SSHDLogOptions

    func sessions(revocations: KeyRevocationList? = nil) async throws -> [OpenSession] {
        if geteuid() != 0 { Console.note("only root sees the sessions of others") }
        return try await OpenSessions(userCAFile: userCa, revocations: revocations, log: log.record).all()
    }
}

struct SSHDLogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What sshd logs to: journal, a file, or none; by default the journal where there is one.", valueName: "log"))
    var log = "auto"

    var record: (any SSHDLog)? {
        switch log {
        case "none": nil
        case "journal": SystemJournal()
        case "auto": SystemJournal.ifRunning
        default: SSHDLogFile(path: log)
        }
    }
}
