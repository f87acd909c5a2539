// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A real PostgreSQL on 127.0.0.1 that lets in only TLS clients with a certificate of one CA whose common name is the role.
///
/// PostgreSQL refuses to run as root: then it runs as `postgres`, the user of Debian's package.
package final class PostgreSQLServer: RunningServer {
    package struct Configuration: Sendable {
        /// The server's certificate, followed by the intermediates.
        package var certificate: String
        package var key: String
        /// The CA certificates whose clients are let in.
        package var clientAuthorities: String
        package var roles: [String]
        package var databases: [String]
        /// Lines of `pg_hba.conf` for connections over TCP.
        package var hostRules: [String]
        /// Lines of `pg_ident.conf`, for rules with `map=`.
        package var identityMap: [String]
        /// More lines of `postgresql.conf`; the last setting counts.
        package var extraLines: [String]

        package init(
            certificate: String, key: String, clientAuthorities: String, roles: [String] = [], databases: [String] = [],
            hostRules: [String] = ["hostssl all all 127.0.0.1/32 cert"], identityMap: [String] = [], extraLines: [String] = []
        ) {
            self.certificate = certificate
            self.key = key
            self.clientAuthorities = clientAuthorities
            self.roles = roles
            self.databases = databases
            self.hostRules = hostRules
            self.identityMap = identityMap
            self.extraLines = extraLines
        }
    }

    package let port: Int
    /// The socket's directory, closed to other users: whoever may enter it is the superuser without being asked.
    private let sockets: String
    private let programs: String
    private let directory: TemporaryDirectory
    private let process: BackgroundProcess

    package var processID: Int32 { process.processID }
    package var log: String { process.log }

    package init(_ configuration: Configuration) async throws {
        let user = CurrentUser.isRoot ? "postgres" : nil
        let owner = user.map { ["-o", $0, "-g", $0] } ?? []
        let directory = try TemporaryDirectory(mode: user == nil ? 0o700 : 0o711)
        let (data, sockets, programs) = (directory.file("data"), directory.file("sockets"), try Self.programs())
        let port = try Loopback.freePort()
        try await run("install", ["-d", "-m", "700"] + owner + [data, sockets]).checked()
        try await run(
            programs + "/initdb",
            ["-D", data, "-U", Self.superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"],
            environment: ["HOME": directory.path], directory: directory.path, user: user, timeout: .seconds(300)
        ).checked()

        let settings = Self.settings(port: port, sockets: sockets) + configuration.extraLines
        let files = [
            ("server.crt", configuration.certificate), ("server.key", configuration.key),
            ("ca.crt", configuration.clientAuthorities),
            ("pg_hba.conf", try directory.write(Self.lines(["local all all trust"] + configuration.hostRules), to: "hba")),
            ("pg_ident.conf", try directory.write(Self.lines(configuration.identityMap), to: "ident")),
            ("postgresql.conf", try directory.write(Self.lines(settings), to: "settings")),
        ]
        for (name, source) in files {
            try await run("install", ["-m", "600"] + owner + [source, data + "/" + name]).checked()
        }

        // `interrupt` is the fast shutdown: it does not wait for clients.
        let process = try await BackgroundProcess(
            "postgres", programs + "/postgres", ["-D", data], environment: ["HOME": directory.path],
            directory: directory.path, user: user, logPath: directory.file("postgres.log"), stopSignal: .interrupt)
        let local = ["-h", sockets, "-p", String(port), "-U", Self.superuser]
        do {
            try await process.waitUntilReady { try await run(programs + "/pg_isready", ["-q"] + local).succeeded }
            for role in configuration.roles { try await run(programs + "/createuser", local + ["--", role]).checked() }
            for name in configuration.databases { try await run(programs + "/createdb", local + ["--", name]).checked() }
        } catch {
            // Before its directory goes.
            await process.stop()
            throw error
        }
        (self.port, self.sockets, self.programs) = (port, sockets, programs)
        (self.directory, self.process) = (directory, process)
    }

    /// Reads the settings and all certificate files again.
    package func reload() { process.send(SIGHUP) }

    package func stop() async { await process.stop() }

    /// Connects over TLS with `sslmode=verify-full` and runs one statement; unaligned rows come back, without headings.
    /// - Parameter key: a file of mode 0600; libpq refuses others.
    package func psql(
        _ statement: String, role: String, database: String = "postgres", host: String = "localhost",
        trusting authorities: String, certificate: String? = nil, key: String? = nil
    ) async throws -> ProcessResult {
        // A missing file stands for none, where libpq would otherwise look into the home directory.
        let none = directory.file("none")
        let environment = [
            "PGHOST": host, "PGHOSTADDR": "127.0.0.1", "PGPORT": String(port), "PGUSER": role, "PGDATABASE": database,
            "PGSSLMODE": "verify-full", "PGSSLROOTCERT": authorities, "PGSSLCERT": certificate ?? none, "PGSSLKEY": key ?? none,
            "PGSSLCRL": none, "PGPASSFILE": none, "PGSERVICEFILE": none, "PGCONNECT_TIMEOUT": "60", "HOME": directory.path,
        ]
        return try await run(programs + "/psql", Self.psqlOptions + ["-c", statement], environment: environment)
    }

    /// Runs one statement as the superuser, over the private socket.
    @discardableResult
    package func administer(_ statement: String, database: String = "postgres") async throws -> ProcessResult {
        try await run(
            programs + "/psql",
            Self.psqlOptions + ["-h", sockets, "-p", String(port), "-U", Self.superuser, "-d", database, "-c", statement]
        ).checked()
    }

    /// A name that is nobody's login: roles are named after logins, and tests run as `postgres` too.
    private static let superuser = "superuser of this test"

    private static let psqlOptions = ["-X", "-w", "-A", "-t", "-v", "ON_ERROR_STOP=1"]

    private static func lines(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

    private static func settings(port: Int, sockets: String) -> [String] {
        [
            "listen_addresses = '127.0.0.1'", "port = \(port)", "unix_socket_directories = '\(sockets)'",
            "ssl = on", "ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'", "ssl_ca_file = 'ca.crt'",
            "log_connections = on", "shared_buffers = 16MB",
            // Nothing here has to survive a crash.
            "fsync = off",
        ]
    }

    /// The directory of the newest installed version's programs, which Debian keeps out of everybody's `$PATH`.
    private static func programs() throws -> String {
        let parent = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        let usable = versions.compactMap { Int($0) }
            .filter { FileManager.default.isExecutableFile(atPath: "\(parent)/\($0)/bin/initdb") }
        guard let newest = usable.max() else { throw TestSupportError.programMissing("postgres") }
        return "\(parent)/\(newest)/bin"
    }
}
