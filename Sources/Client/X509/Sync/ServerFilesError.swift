// SPDX-License-Identifier: Apache-2.0

import AuditLog
package import FoundationEssentials

/// Why the files of a TLS server are not brought up to date. What was there before still is.
package enum ServerFilesError: Error, Equatable {
    /// What the server sent.
    case certificate(String)
    case revocationLists(String)
    /// What was to be renewed with.
    case notEnrolled(folder: String)
    case certificateExpired(folder: String, at: Date)
    /// The end of what it printed, as one line.
    case reload(command: String, status: Int32, output: String)
}

extension ServerFilesError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .certificate(let reason): "the certificate from the server cannot be used: \(reason)"
        case .revocationLists(let reason): "the revocation lists from the server cannot be used: \(reason)"
        case .notEnrolled(let folder):
            "`\(TerminalText.text(folder))` has no certificate for its key, with which a new one could be had"
        case .certificateExpired(let folder, let end):
            "the certificate in `\(TerminalText.text(folder))` ended at \(end.formatted(.iso8601))"
        case .reload(let command, let status, let output):
            "`\(TerminalText.text(command))` ended with status \(status)" + (output.isEmpty ? "" : ": \(output)")
        }
    }

    package var hint: String? {
        switch self {
        case .certificate, .revocationLists: nil
        case .notEnrolled, .certificateExpired:
            "enrol again, with a token from `mayfly token create --name` and `--enrol-token`"
        case .reload: "the files are in place; it is run again until it succeeds"
        }
    }
}
