// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The surroundings of a program in a container: a read-only root, no home, no name for the machine, no variables, no terminal and no
/// agent. The network is that of this machine.
package struct Container: Sendable {
    /// The one folder that it may write to, if it may.
    package let folder: String
    package var isReadOnly = false
    /// Whether its user has no entry in `passwd(5)` either, as one that Kubernetes picked.
    package var isNameless = false

    /// Whether this process may make namespaces (user_namespaces(7)).
    package static let isPossible = Program.succeeds("unshare", ["--user", "--map-root-user", "--mount", "--uts", "true"])

    package init(folder: String, isReadOnly: Bool = false, isNameless: Bool = false) {
        self.folder = folder
        self.isReadOnly = isReadOnly
        self.isNameless = isNameless
    }

    /// - Parameter environment: all there is, besides `PATH`.
    package func run(_ words: [String], environment: [String: String] = [:]) async throws -> ProcessResult {
        let script = """
            set -e
            hostname nowhere
            mount --make-rprivate /
            mount --bind "$1" "$1"
            \(isReadOnly ? "mount -o remount,bind,ro \"$1\"" : ":")
            mount -o remount,bind,ro /
            mount -t tmpfs -o ro,size=4k tmpfs "$(getent passwd "$(id -u)" | cut -d: -f6)"
            \(isNameless ? "mount --bind /dev/null /etc/passwd" : ":")
            shift
            exec env -i PATH=/usr/bin:/bin "$@"
            """
        let variables = environment.map { "\($0.key)=\($0.value)" }
        return try await TestSupport.run(
            "unshare",
            ["--user", "--map-root-user", "--mount", "--uts", "--", "bash", "-c", script, "bash", folder] + variables + words,
            timeout: .seconds(120))
    }
}
