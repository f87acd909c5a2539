// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// Speaks to a running service as anybody might: with curl, with or without the administrator's session.
struct Caller {
    let ca: MayflyCA
    private let serviceCA: String

    init(_ ca: MayflyCA) {
        self.ca = ca
        serviceCA = ca.caDirectory + "/public/service.pem"
    }

    struct Reply {
        let status: Int
        let headers: String
        let body: [UInt8]
        /// What curl says of a connection that did not come about.
        let errors: String

        var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:] }
        var text: String { String(decoding: body, as: UTF8.self) }
        /// The last word of the problem's type.
        var problem: String { (json["type"] as? String)?.split(separator: ":").last.map(String.init) ?? "" }
        var detail: String { json["detail"] as? String ?? "" }

        func header(_ name: String) -> String? {
            headers.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix(name + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
        }
    }

    /// - Parameter body: sent as it is.
    func call(
        _ method: String, _ path: String, body: String? = nil, headers: [String] = [], withSession: Bool = true,
        certificate: (certificate: String, key: String)? = nil
    ) async throws -> Reply {
        let files = try TemporaryDirectory()
        defer { files.close() }
        var arguments =
            options(method) + [
                "--dump-header", files.file("headers"), "--output", files.file("body"), "--write-out", "%{http_code}",
            ]
        if let certificate {
            arguments += ["--cert", certificate.certificate, "--key", certificate.key]
        } else if withSession {
            let session = try session()
            arguments += ["--cert", session, "--key", session]
        }
        for header in headers { arguments += ["-H", header] }
        if let body { arguments += ["--data-binary", "@" + (try files.write(body, to: "request"))] }
        let result = try await run("curl", arguments + [ca.url + path])
        return Reply(
            status: Int(result.stdout) ?? 0, headers: (try? files.text(of: "headers")) ?? "",
            body: Array(FileManager.default.contents(atPath: files.file("body")) ?? Data()), errors: result.stderr)
    }

    /// Statuses of as many calls without a session, one right after the other on one connection.
    func statuses(of count: Int, _ method: String, _ path: String, body: String) async throws -> [Int] {
        let files = try TemporaryDirectory()
        defer { files.close() }
        let arguments =
            options(method) + ["--write-out", "%{http_code}\n", "--data-binary", "@" + (try files.write(body, to: "request"))]
            + (0..<count).flatMap { _ in ["--output", "/dev/null", ca.url + path] }
        return try await run("curl", arguments).checked().stdout.split(separator: "\n").compactMap { Int($0) }
    }

    /// Statuses of calls without a session, each with its body, one right after the other on one connection.
    func statuses(_ method: String, _ path: String, bodies: [String]) async throws -> [Int] {
        let files = try TemporaryDirectory()
        defer { files.close() }
        let calls = try bodies.enumerated().map { number, body in
            options(method) + [
                "--write-out", "%{http_code}\n", "--output", "/dev/null", "--data-binary",
                "@" + (try files.write(body, to: "request-\(number)")), ca.url + path,
            ]
        }
        return try await run("curl", Array(calls.joined(separator: ["--next"]))).checked().stdout
            .split(separator: "\n").compactMap { Int($0) }
    }

    private func options(_ method: String) -> [String] {
        [
            "-q", "--silent", "--show-error", "--noproxy", "*", "--max-time", "30", "--cacert", serviceCA, "-X", method,
        ]
    }

    func post(_ path: String, _ document: [String: Any], headers: [String] = []) async throws -> Reply {
        let body = String(decoding: try JSONSerialization.data(withJSONObject: document, options: .sortedKeys), as: UTF8.self)
        return try await call("POST", path, body: body, headers: headers)
    }

    /// The file with certificate and key of a person's session.
    func session(of name: String) throws -> String {
        let servers = ca.home(of: name) + "/mayfly/servers"
        let server = try FileManager.default.contentsOfDirectory(atPath: servers).first ?? ""
        let session = try String(contentsOfFile: "\(servers)/\(server)/session.pem", encoding: .utf8)
        return try ca.directory.write(session, to: "session-of-another.pem")
    }

    /// The file with certificate and key of the administrator's session.
    private func session() throws -> String {
        let servers = ca.home + "/mayfly/servers"
        let names = try FileManager.default.contentsOfDirectory(atPath: servers)
        // A copy, because curl takes what follows the colon of `localhost:8443` for a passphrase.
        let session = try String(contentsOfFile: servers + "/" + (names.first ?? "") + "/session.pem", encoding: .utf8)
        return try ca.directory.write(session, to: "session.pem")
    }
}

extension MayflyCA {
    /// A CA with its administrator logged in, for the time of `body`.
    static func withSession(
        _ configuration: Configuration = Configuration(), _ body: (Caller) async throws -> Void
    ) async throws {
        try await serving(MayflyCA(configuration)) { ca in
            try await ca.logIn()
            try await body(Caller(ca))
        }
    }
}
