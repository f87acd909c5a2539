// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read the audit log, and hold the server to it.",
        discussion: """
            EXAMPLE:
              mayfly audit verify
            """,
        subcommands: [AuditTail.self, AuditVerify.self])
}
