// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestSupport
import Testing

/// What must be refused with a clear word, and must not hurt.
@Suite struct HostileRequestTests {
    private static let publicKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"

    @Test func `values that cannot be are refused, each with its reason`() async throws {
        try await MayflyCA.withSession { caller in
            let table: [(String, String, Int, String)] = [
                ("not JSON", "{", 400, "the body is not valid JSON"),
                ("no object", "[]", 400, "the body is not a JSON object"),
                ("a missing member", #"{"role":"lab-shell"}"#, 400, "`public_key` is missing"),
                ("an unknown member", #"{"role":"lab-shell","public_key":"KEY","lifetme":5}"#, 400, "unknown member `lifetme`"),
                (
                    "a wrong type", #"{"role":"lab-shell","public_key":"KEY","lifetime":"5"}"#, 400,
                    "`lifetime` is of the wrong type"
                ),
                (
                    "no time", #"{"role":"lab-shell","public_key":"KEY","lifetime":0}"#, 422,
                    "the lifetime must be longer than nothing"
                ),
                (
                    "less than no time", #"{"role":"lab-shell","public_key":"KEY","lifetime":-60}"#, 422,
                    "the lifetime must be longer than nothing"
                ),
                ("a fraction", #"{"role":"lab-shell","public_key":"KEY","lifetime":1.5}"#, 400, "a number that does not fit"),
                (
                    "more than a century", #"{"role":"lab-shell","public_key":"KEY","lifetime":3200000000}"#, 422,
                    "longer than 100 years"
                ),
                (
                    "a huge number", #"{"role":"lab-shell","public_key":"KEY","lifetime":1e30}"#, 400,
                    "a number that does not fit"
                ),
                ("no key", #"{"role":"lab-shell","public_key":""}"#, 422, "`public_key`"),
                (
                    "a truncated key", #"{"role":"lab-shell","public_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMq"}"#, 422,
                    "`public_key`"
                ),
                (
                    "a key of unknown type", #"{"role":"lab-shell","public_key":"ssh-dss AAAAB3NzaC1kc3M="}"#, 422,
                    "`public_key`"
                ),
                (
                    "a certificate as key",
                    #"{"role":"lab-shell","public_key":"ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5"}"#, 422,
                    "certificate"
                ),
                ("a host with capitals", #"{"role":"lab-shell","public_key":"KEY","host":"LOCALHOST"}"#, 422, "capitals"),
                (
                    "a host with a trailing dot", #"{"role":"lab-shell","public_key":"KEY","host":"localhost."}"#, 422,
                    "ends in a dot"
                ),
                ("a wildcard host", #"{"role":"lab-shell","public_key":"KEY","host":"*.lab.example.com"}"#, 422, "wildcard"),
                ("a host with NUL", #"{"role":"lab-shell","public_key":"KEY","host":"localhost\u0000"}"#, 422, "\\u{0}"),
                (
                    "a host that is not ASCII", #"{"role":"lab-shell","public_key":"KEY","host":"löcalhost"}"#, 422,
                    "not a host name"
                ),
                (
                    "a host of no zone", #"{"role":"lab-shell","public_key":"KEY","host":"elsewhere.org"}"#, 403,
                    "in none of its zones"
                ),
                (
                    "a login that is not one", #"{"role":"lab-shell","public_key":"KEY","logins":["a,b"]}"#, 422,
                    "is not a login"
                ),
                (
                    "a login of another", #"{"role":"lab-shell","public_key":"KEY","logins":["postgres"]}"#, 403,
                    "not among its logins"
                ),
                (
                    "a reason with a newline", #"{"role":"lab-shell","public_key":"KEY","reason":"a\nb"}"#, 422,
                    "one line of visible characters"
                ),
                ("a role that does not exist", #"{"role":"lab-shel","public_key":"KEY"}"#, 403, "did you mean `lab-shell`"),
                ("neither role nor host", #"{"public_key":"KEY"}"#, 400, "`role` is missing"),
            ]
            for (name, body, status, detail) in table {
                let sent = body.replacingOccurrences(of: "KEY", with: Self.publicKey)
                let reply = try await caller.call("POST", Paths.sshCertificates, body: sent)
                #expect(reply.status == status, "\(name): \(reply.detail)")
                #expect(reply.detail.contains(detail), "\(name): \(reply.detail)")
                #expect(reply.header("content-type") == "application/problem+json", "\(name)")
            }
            // Nothing of it was issued, and the service lives.
            let issued = try await caller.call("GET", Paths.certificates + "?role=lab-shell").json["certificates"] as? [Any]
            #expect(issued?.isEmpty == true)
        }
    }

    @Test func `a body of ten megabytes is refused and forgotten`() async throws {
        try await MayflyCA.withSession { caller in
            let before = try residentMegabytes(caller.ca.processID)
            let body = #"{"role":""# + String(repeating: "x", count: 10 << 20) + #""}"#
            for _ in 0..<4 {
                let reply = try await caller.call("POST", Paths.sshCertificates, body: body)
                #expect(reply.status == 413)
                #expect(reply.problem == "too-large")
            }
            #expect(try residentMegabytes(caller.ca.processID) < before + 30)
        }
    }

    @Test func `ten thousand headers are refused`() async throws {
        try await MayflyCA.withSession { caller in
            let headers = (0..<10_000).map { "x-\($0): 1" }
            let reply = try await caller.call("GET", Paths.whoami, headers: headers)
            #expect(reply.status == 400 || reply.status == 431 || reply.status == 0)
            #expect(try await caller.call("GET", Paths.whoami).status == 200)
        }
    }

    @Test func `a client that sends a byte a second is cut off in time`() async throws {
        let configuration = MayflyCA.Configuration(settings: ["request_deadline": "3s"])
        try await MayflyCA.withSession(configuration) { caller in
            let port = try #require(caller.ca.url.split(separator: ":").last)
            let script = """
                import socket, ssl, sys, time
                context = ssl.create_default_context(cafile=sys.argv[1])
                stream = context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[2]))), server_hostname="localhost")
                started = time.time()
                try:
                    for byte in b"GET /healthz HTTP/1.1\\r\\nhost: localhost\\r\\nx-slow: " + b"x" * 60:
                        stream.send(bytes([byte]))
                        time.sleep(1)
                        stream.settimeout(0.01)
                        try:
                            if stream.recv(1) == b"":
                                break
                        except (TimeoutError, ssl.SSLWantReadError):
                            pass
                        stream.settimeout(5)
                except OSError:
                    pass
                print(int(time.time() - started))
                """
            let result = try await run(
                "python3", ["-c", script, caller.ca.caDirectory + "/public/service.pem", String(port)], timeout: .seconds(300))
            let seconds = try #require(Int(result.stdout.trimmingCharacters(in: .whitespacesAndNewlines)), "\(result.stderr)")
            // All of it takes nearly two minutes.
            #expect(seconds < 60)
        }
    }

    @Test func `a repeated call with the same idempotency key is answered with the same certificate`() async throws {
        try await MayflyCA.withSession { caller in
            let document: [String: Any] = ["role": "lab-shell", "public_key": Self.publicKey, "host": "localhost"]
            let key = ["Idempotency-Key: job-1"]
            let first = try await caller.post(Paths.sshCertificates, document, headers: key)
            let second = try await caller.post(Paths.sshCertificates, document, headers: key)
            #expect(first.status == 201)
            #expect(second.status == 201)
            #expect(first.json["certificate"] as? String == second.json["certificate"] as? String)
            let other = try await caller.post(
                Paths.sshCertificates, document.merging(["lifetime": 60]) { $1 }, headers: key)
            #expect(other.status == 422)
            #expect(other.problem == "idempotency-key-reused")

            let serial = try #require(first.json["serial"] as? String)
            let revoked = try await caller.post(Paths.revocations, ["serial": serial, "kind": "ssh", "reason": "test"])
            #expect(revoked.status == 200)
            #expect(try await caller.post(Paths.sshCertificates, document, headers: key).status == 409)
        }
    }

    @Test func `refusals without end are cut off`() async throws {
        try await MayflyCA.withSession { caller in
            // The limit is a rate, so on a slow machine it takes more of them.
            var statuses: [Int] = []
            while statuses.count < 600, statuses.last != 429 {
                statuses.append(
                    try await caller.post(Paths.sshCertificates, ["role": "none", "public_key": Self.publicKey]).status)
            }
            #expect(statuses.first == 403)
            #expect(statuses.last == 429)
        }
    }

    private func residentMegabytes(_ processID: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return (Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0) / 1024
    }
}
