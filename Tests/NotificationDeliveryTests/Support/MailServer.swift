// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The mail server of `mailserver.py`, with a certificate for 127.0.0.1 that only its own authority vouches for.
struct MailServer: RunningServer {
    struct Heard: Decodable {
        struct Message: Decodable {
            let headers: [String: String]
            let text: String
            let defects: Int
        }
        let commands: [String]
        /// Whether each command came through TLS.
        let secured: [Bool]
        let auth: [String]?
        let message: Message?
    }

    let port: Int
    /// PEM.
    let certificate: String
    private let process: BackgroundProcess

    init(_ mode: String, offers: String = "AUTH PLAIN LOGIN", in directory: TemporaryDirectory) async throws {
        let (certificate, key) = (directory.file("mail.pem"), directory.file("mail.key"))
        try await run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj",
                "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
            ]
        ).checked()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("mailserver.py").path
        let process = try await BackgroundProcess(
            "mailserver", "/usr/bin/python3", [script, certificate, key, mode, offers], logPath: directory.file("mail.log"))
        try await process.waitUntilReady { process.log.contains("\n") }
        self.process = process
        self.certificate = try String(contentsOfFile: certificate, encoding: .utf8)
        port = try #require(Int(process.log.split(separator: "\n").first ?? ""))
    }

    /// What it was told, once the client has gone.
    func heard() async throws -> Heard {
        while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        let line = try #require(process.log.split(separator: "\n").last)
        return try JSONDecoder().decode(Heard.self, from: Data(line.utf8))
    }

    func stop() async { await process.stop() }
}
