// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A real HAProxy on 127.0.0.1 that answers only to TLS clients with a certificate of one CA, checked by a list.
package final class HAProxyServer: RunningServer {
    package let port: Int
    private let directory: TemporaryDirectory
    private let process: BackgroundProcess

    /// The master, which starts workers anew when told to by SIGUSR2.
    package var processID: Int32 { process.processID }
    package var log: String { process.log }

    /// - Parameters:
    ///   - combined: the server's key and chain in one file.
    ///   - revocationList: CRLs of the whole chain.
    package init(combined: String, clientAuthorities: String, revocationList: String) async throws {
        let directory = try TemporaryDirectory()
        let port = try Loopback.freePort()
        let text = """
            global
                maxconn 64
            defaults
                mode http
                timeout connect 5s
                timeout client 15s
                timeout server 15s
            frontend tls
                bind 127.0.0.1:\(port) ssl crt \(combined) ca-file \(clientAuthorities) verify required crl-file \(revocationList)
                http-request return status 200 content-type text/plain lf-string "dn=%[ssl_c_s_dn(CN)]\\n"

            """
        let file = try directory.write(text, to: "haproxy.cfg")
        let process = try await BackgroundProcess(
            "haproxy", "haproxy", ["-W", "-f", file, "-p", directory.file("haproxy.pid")], logPath: directory.file("log"))
        try await process.waitUntilReady { Loopback.isListening(on: port) }
        (self.port, self.directory, self.process) = (port, directory, process)
    }

    package func stop() async { await process.stop() }

    /// What curl gets at `https://localhost:port`.
    package func get(trusting authorities: String, certificate: String, key: String) async throws -> ProcessResult {
        try await run(
            "curl",
            [
                "-q", "--silent", "--show-error", "--noproxy", "*", "--max-time", "60", "--cacert", authorities,
                "--resolve", "localhost:\(port):127.0.0.1", "--cert", certificate, "--key", key,
                "https://localhost:\(port)/",
            ])
    }
}
