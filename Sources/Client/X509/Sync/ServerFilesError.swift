// SPDX-License-Identifier: Apache-2.0

import AuditLog

/// Why the files of a TLS server are not brought up to date. What was there before still is.
package enum ServerFilesError: Error, Equatable {
    /// What the server sent.
    case certificate(String)
    case revocationLists(String)
    /// The end of what it printed, as one line.
    case reload(command: String, status: Int32, output: String)
}

extension ServerFilesError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .certificate(let reason): "the certificate from the server cannot be used: \(reason)"
        case .revocationLists(let reason): "the revocation lists from the server cannot be used: \(reason)"
        case .reload(let command, let status, let output):
            "`\(TerminalText.text(command))` ended with status \(status)" + (output.isEmpty ? "" : ": \(output)")
        }
    }

    package var hint: String? {
        switch self {
        case .certificate, .revocationLists: nil
        case .reload: "the files are in place; it is run again until it succeeds"
        }
    }
}
