// SPDX-License-Identifier: Apache-2.0

/// The longest lifetimes of this installation. No policy file can exceed them.
package struct Ceilings: Sendable, Equatable {
    package var ssh: Duration
    package var sshHost: Duration
    package var x509: Duration
    package var session: Duration
    /// How long a session may go unused before it counts as over.
    package var sessionIdle: Duration

    package init(
        ssh: Duration, sshHost: Duration, x509: Duration, session: Duration, sessionIdle: Duration = .seconds(4 * 3600)
    ) {
        self.ssh = ssh
        self.sshHost = sshHost
        self.x509 = x509
        self.session = session
        self.sessionIdle = sessionIdle
    }

    package static let standard = Ceilings(
        ssh: .seconds(24 * 3600), sshHost: .seconds(90 * 86400), x509: .seconds(30 * 86400), session: .seconds(12 * 3600))
}
