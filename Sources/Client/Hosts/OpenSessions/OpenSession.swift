// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// A connection on which somebody is logged in by a certificate of our CA, or perhaps is.
package struct OpenSession: Sendable {
    /// What says by which certificate.
    package enum Evidence: String, Sendable, Codable {
        /// sshd's log.
        case log
        /// What sshd left in a file of the account, which whoever has the account can write.
        case account
    }

    let connection: SSHDConnection
    package let since: Date
    /// More than one where sshd wants several; empty when it cannot be determined.
    package let certificates: [AuthenticatedCertificate]
    package let evidence: Evidence?
    /// Why `certificates` may not be the truth, in words.
    package let doubt: String?

    package var login: String { connection.login }
    package var peer: SSHPeer? { connection.peer }
    package var terminals: [String] { connection.terminals }
    /// Of the process of sshd whose end is the session's.
    package var process: ProcessIdentity { connection.monitor }

    /// `ana from 192.0.2.7 (process 812)`.
    package var title: String { "\(login) from \(peer?.address ?? "an unknown address") (process \(process.number))" }
}
