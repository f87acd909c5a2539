// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A real nginx on 127.0.0.1 that answers only to TLS clients with a certificate of one CA.
///
/// Its answer is `verify=SUCCESS dn=CN=… serial=…`, what nginx itself read in the certificate. A client it does not accept gets
/// status 400 and not a TLS alert; `log` has the reason.
package final class NginxServer: RunningServer {
    package struct Configuration: Sendable {
        /// The server's certificate, followed by the intermediates.
        package var certificate: String
        package var key: String
        /// The CA certificates whose clients are let in.
        package var clientAuthorities: String
        /// CRLs of the whole chain. Read again only after `reload`.
        package var revocationList: String?
        /// More directives for the `server` block.
        package var extraLines: [String]

        package init(
            certificate: String, key: String, clientAuthorities: String, revocationList: String? = nil,
            extraLines: [String] = []
        ) {
            self.certificate = certificate
            self.key = key
            self.clientAuthorities = clientAuthorities
            self.revocationList = revocationList
            self.extraLines = extraLines
        }
    }

    package struct Reply: Sendable {
        /// `nil` when there was no HTTP answer; `errors` says why.
        package let status: Int?
        package let body: String
        package let errors: String
    }

    package let port: Int
    private let directory: TemporaryDirectory
    private let process: BackgroundProcess

    package var processID: Int32 { process.processID }
    /// The error log at level `info`, where refused certificates are named.
    package var log: String { (try? directory.text(of: "error.log")) ?? "" }

    package init(_ configuration: Configuration) async throws {
        // As root, the workers are www-data and pass through here to their temporary files.
        let directory = try TemporaryDirectory(mode: CurrentUser.isRoot ? 0o711 : 0o700)
        port = try Loopback.freePort()
        let file = try directory.write(
            Self.text(of: configuration, port: port, directory: directory), to: "nginx.conf")
        let process = try await BackgroundProcess(
            "nginx", "nginx", ["-p", directory.path, "-c", file, "-e", directory.file("error.log")],
            logPath: directory.file("output.log"))
        // The pid file is written once the sockets listen.
        try await process.waitUntilReady { !directory.isEmpty("nginx.pid") }
        self.directory = directory
        self.process = process
    }

    /// Reads the configuration and all certificate files again.
    package func reload() { process.send(SIGHUP) }

    package func stop() async { await process.stop() }

    /// Asks for `path` at `https://host:port`, `host` being a name in the server's certificate.
    package func get(
        _ path: String = "/", host: String = "localhost", trusting authorities: String, certificate: String? = nil,
        key: String? = nil
    ) async throws -> Reply {
        // -q comes first: no ~/.curlrc. HTTP/1.1: a connection of HTTP/2 that begins while nginx reloads may be closed on the client.
        var arguments = [
            "-q", "--http1.1", "--silent", "--show-error", "--noproxy", "*", "--max-time", "60", "--cacert", authorities,
            "--resolve", "\(host):\(port):127.0.0.1", "--write-out", "\n%{http_code}",
        ]
        if let certificate { arguments += ["--cert", certificate] }
        if let key { arguments += ["--key", key] }
        let result = try await run("curl", arguments + ["https://\(host):\(port)\(path)"])
        var lines = result.stdout.split(separator: "\n", omittingEmptySubsequences: false)
        let status = lines.popLast().flatMap { Int($0) } ?? 0
        return Reply(
            status: status == 0 ? nil : status, body: lines.joined(separator: "\n"), errors: result.stderr)
    }

    private static func text(of configuration: Configuration, port: Int, directory: TemporaryDirectory) -> String {
        let temporaryPaths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \"\(directory.file($0))\";" }
        var server = [
            "listen 127.0.0.1:\(port) ssl http2;",
            "ssl_certificate \"\(configuration.certificate)\";",
            "ssl_certificate_key \"\(configuration.key)\";",
            "ssl_client_certificate \"\(configuration.clientAuthorities)\";",
            "ssl_verify_client on;",
            // nginx's default of 1 refuses a leaf below an intermediate.
            "ssl_verify_depth 3;",
            "location / { return 200 \"verify=$ssl_client_verify dn=$ssl_client_s_dn serial=$ssl_client_serial\\n\"; }",
        ]
        if let path = configuration.revocationList { server.append("ssl_crl \"\(path)\";") }
        server += configuration.extraLines
        return """
            daemon off;
            worker_processes 1;
            pid "\(directory.file("nginx.pid"))";
            error_log "\(directory.file("error.log"))" info;
            events {}
            http {
                access_log off;
                default_type text/plain;
                \(temporaryPaths.joined(separator: "\n    "))
                server {
                    \(server.joined(separator: "\n        "))
                }
            }

            """
    }
}
