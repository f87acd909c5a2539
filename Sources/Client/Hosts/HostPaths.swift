// SPDX-License-Identifier: Apache-2.0

/// Where an enrolled host keeps what belongs to its enrolment.
package struct HostPaths: Sendable {
    /// What stands before every path; empty but for tests.
    package let root: String

    /// - Parameter root: an absolute folder, or empty.
    package init(root: String = "") {
        self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    package var ssh: String { root + "/etc/ssh" }
    package var sshdConfiguration: String { ssh + "/sshd_config" }
    package var dropIns: String { ssh + "/sshd_config.d" }
    package var dropIn: String { dropIns + "/50-mayfly.conf" }
    package var defaultHostKey: String { ssh + "/ssh_host_ed25519_key" }
    /// What was changed and how to change it back. Beside `directory`, because it is there first and goes last.
    package var journal: String { ssh + "/mayfly-enrolment.json" }
    package var directory: String { ssh + "/mayfly" }
    package var principals: String { directory + "/principals" }
    package var userCA: String { directory + "/user_ca.pub" }
    package var hostCertificate: String { directory + "/host-cert.pub" }
    package var revocationList: String { directory + "/revoked.krl" }
    /// Sessions that ended and that the server does not know of.
    package var endedSessions: String { directory + "/ended-sessions.json" }
    package var state: String { directory + "/host.json" }
    package var serviceCA: String { directory + "/service.pem" }
    /// A configuration to be tried before it is one.
    var candidate: String { directory + "/candidate.conf" }
    package var unit: String { root + "/etc/systemd/system/" + Self.unitName }

    package static let unitName = "mayfly-host-sync.service"
}
