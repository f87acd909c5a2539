// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where programs are, and what surroundings they get.
package enum Program {
    /// `$PATH` and the `sbin` directories, which an ordinary user's `$PATH` lacks on Debian.
    static let searchPath: [String] = {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map(String.init) + ["/usr/local/sbin", "/usr/sbin", "/sbin"]
    }()

    /// The absolute path of a program; a name with a slash is returned unchanged.
    package static func path(of name: String) throws(TestSupportError) -> String {
        if name.contains("/") { return name }
        for directory in searchPath where FileManager.default.isExecutableFile(atPath: directory + "/" + name) {
            return directory + "/" + name
        }
        throw .programMissing(name)
    }

    /// Whether it ends with status 0.
    static func succeeds(_ program: String, _ arguments: [String]) -> Bool {
        let process = Process()
        guard let path = try? self.path(of: program) else { return false }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// All that a program inherits: no agent, no proxy, no language, and nothing that changes what `ssh`, `psql` or `openssl` do.
    package static let environment: [String: String] = {
        let inherited = ["HOME", "USER", "LOGNAME", "TMPDIR", "LD_LIBRARY_PATH"]
        var environment = ProcessInfo.processInfo.environment.filter { inherited.contains($0.key) }
        environment["PATH"] = searchPath.joined(separator: ":")
        environment["LC_ALL"] = "C"
        environment["TZ"] = "UTC"
        environment["SWIFT_BACKTRACE"] = "enable=no"
        return environment
    }()
}
