// SPDX-License-Identifier: Apache-2.0

/// What sshd wrote about logins: that only root can write, and where each line says by which certificate.
package protocol SSHDLog: Sendable {
    /// - Parameter processes: numbers of the privileged processes of sshd that are asked for; others may be there too.
    /// - Returns: in the order written.
    func acceptances(by processes: Set<Int32>) async throws -> [SSHDAcceptance]
}
