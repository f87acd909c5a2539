// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestSupport
import Testing

/// Hosts and their keepers, as anybody might try to be one.
@Suite struct HostEndpointTests {
    /// A host key, and the requests it signs.
    private struct Host {
        let caller: Caller
        let name: String
        private let path: String

        init(_ caller: Caller, _ name: String) async throws {
            self.caller = caller
            self.name = name
            path = caller.ca.directory.file("host-\(UInt32.random(in: .min ... .max))")
            try await MayflyCA.makeKey(path)
        }

        var publicKey: String {
            get throws {
                try String(contentsOfFile: path + ".pub", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }

        func enrol(_ token: String, role: String = "lab-host") async throws -> Caller.Reply {
            let act = HostMessage.Act.enrolment(token: try await digest(token), role: role, host: name)
            return try await caller.call(
                "POST", Paths.hostEnrolment,
                document: [
                    "token": token, "role": role, "host": name, "public_key": try publicKey, "proof": try await proof(act),
                ])
        }

        func renew(_ certificate: String) async throws -> Caller.Reply {
            let act = HostMessage.Act.renewal(certificate: try await digest(ofCertificate: certificate))
            return try await caller.call(
                "POST", Paths.hostRenewal, document: ["certificate": certificate, "proof": try await proof(act)])
        }

        func report(_ certificate: String, _ report: String) async throws -> Caller.Reply {
            let act = HostMessage.Act.report(
                certificate: try await digest(ofCertificate: certificate), contents: try await digest(report))
            return try await caller.call(
                "POST", Paths.hostReports,
                document: ["certificate": certificate, "report": report, "proof": try await proof(act)])
        }

        private func proof(_ act: HostMessage.Act) async throws -> [String: Any] {
            let nonce = (0..<32).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
            let time = Int64(Date().timeIntervalSince1970)
            let message = HostMessage(serviceFingerprint: caller.ca.fingerprint, act: act, time: time, nonce: nonce)
            let signed = try await run(
                "ssh-keygen", ["-q", "-Y", "sign", "-n", HostMessage.namespace, "-f", path],
                input: String(decoding: message.bytes, as: UTF8.self)
            ).checked()
            return ["time": time, "nonce": nonce, "signature": signed.stdout]
        }

        private func digest(_ text: String) async throws -> String {
            String(try await run("sha256sum", [], input: text).checked().stdout.prefix(64))
        }

        private func digest(ofCertificate line: String) async throws -> String {
            let base64 = String(line.split(separator: " ")[1])
            let script = "printf %s '\(base64)' | base64 -d | sha256sum"
            return String(try await run("sh", ["-c", script]).checked().stdout.prefix(64))
        }
    }

    private func token(_ caller: Caller, _ host: String) async throws -> String {
        let reply = try await caller.post(Paths.enrolmentTokens, ["role": "lab-host", "host": host])
        #expect(reply.status == 201)
        return try #require(reply.json["token"] as? String)
    }

    @Test func `a host enrols, reports, renews, and is removed`() async throws {
        try await MayflyCA.withSession { caller in
            let host = try await Host(caller, "web1.lab.example.com")
            let reply = try await host.enrol(try await token(caller, "*.lab.example.com"))
            #expect(reply.status == 201, "\(reply.detail)")
            #expect(reply.json["zones"] as? [String] == ["lab"])
            let issued = try #require(reply.json["issued"] as? [String: Any])
            #expect(issued["rule"] as? String == "lab-hosts-renew")
            let certificate = try #require(issued["certificate"] as? String)

            let report = #"{"krl_version":7,"user_ca_keys":["SHA256:a"],"zones":["lab"],"client_version":"test"}"#
            #expect(try await host.report(certificate, report).status == 204)
            let listed = try #require(
                (try await caller.call("GET", Paths.hosts).json["hosts"] as? [[String: Any]])?.first)
            #expect(listed["name"] as? String == "web1.lab.example.com")
            #expect((listed["report"] as? [String: Any])?["krl_version"] as? Int == 7)
            let hostCA = try #require(listed["certificate_issuer"] as? String)
            #expect(hostCA.hasPrefix("SHA256:"))
            #expect(listed["reported_issuer"] as? String == hostCA)

            let renewed = try await host.renew(certificate)
            #expect(renewed.status == 201, "\(renewed.detail)")
            let removal = ["host": host.name, "reason": "decommissioned"]
            #expect(try await caller.post(Paths.hostRemovals, removal).status == 200)
            #expect(try await caller.post(Paths.hostRemovals, removal).status == 404)
            let refused = try await host.renew(certificate)
            #expect(refused.status == 401)
            #expect(refused.problem == "enrolment-refused")
            #expect(refused.json["hint"] as? String == "enrol again, with a token from `mayfly token create`")
            // The secret is in the reply and in no log.
            #expect(!caller.ca.log.contains("mayfly-enrol-"))
        }
    }

    @Test func `a report that is not plain and small is refused`() async throws {
        try await MayflyCA.withSession { caller in
            let host = try await Host(caller, "web1.lab.example.com")
            let reply = try await host.enrol(try await token(caller, host.name))
            let certificate = try #require((reply.json["issued"] as? [String: Any])?["certificate"] as? String)
            let table: [(String, Int)] = [
                ("", 400), ("{}", 400), ("[]", 400),
                (#"{"user_ca_keys":[],"zones":[],"client_version":"x","more":1}"#, 400),
                (#"{"user_ca_keys":[],"zones":["\u001b[2J"],"client_version":"x"}"#, 422),
                (#"{"user_ca_keys":[],"zones":[],"client_version":"\#(String(repeating: "x", count: 501))"}"#, 422),
                (#"{"krl_version":-1,"user_ca_keys":[],"zones":[],"client_version":"x"}"#, 400),
                (#"{"krl_version":18446744073709551615,"user_ca_keys":[],"zones":[],"client_version":"x"}"#, 422),
                (
                    #"{"user_ca_keys":[\#(Array(repeating: "\"a\"", count: 17).joined(separator: ","))],"zones":[],"client_version":"x"}"#,
                    422
                ),
                (#"{"user_ca_keys":[],"zones":[],"client_version":"x","ended_sessions":[{}]}"#, 400),
                (#"{"user_ca_keys":[],"zones":[],"client_version":"x","ended_sessions":3}"#, 400),
                (sessions("ended_sessions", session("open-is-not-ended", "not-ended")), 422),
                (sessions("open_sessions", session("ended-is-not-open", "ended")), 422),
                (sessions("open_sessions", session("nobody-says-so", "gone")), 422),
                (sessions("ended_sessions", session("twice", "ended") + "," + session("twice", "ended")), 422),
                (sessions("ended_sessions", session("\\u001b[2J", "ended")), 422),
                (
                    sessions("ended_sessions", (1...65).map { session("s\($0)", "ended") }.joined(separator: ",")), 422
                ),
            ]
            for (report, status) in table {
                let refused = try await host.report(certificate, report)
                #expect(refused.status == status, "\(report.prefix(100)): \(refused.detail)")
            }
            let hosts = try await caller.call("GET", Paths.hosts).json["hosts"] as? [[String: Any]]
            #expect(hosts?.first?["report"] == nil)
        }
    }

    private func session(_ id: String, _ outcome: String) -> String {
        #"""
        {"id":"\#(id)","outcome":"\#(outcome)","reason":"revoked","issuer":"SHA256:ca","serial":"7","login":"deploy",\#
        "since":"2026-11-23T10:00:00Z","at":"2026-11-23T10:05:00Z"}
        """#
    }

    private func sessions(_ member: String, _ sessions: String) -> String {
        #"{"krl_version":7,"user_ca_keys":[],"zones":[],"client_version":"x","\#(member)":[\#(sessions)]}"#
    }

    @Test func `sessions that a host ended are on record once`() async throws {
        try await MayflyCA.withSession { caller in
            let host = try await Host(caller, "web1.lab.example.com")
            let reply = try await host.enrol(try await token(caller, host.name))
            let certificate = try #require((reply.json["issued"] as? [String: Any])?["certificate"] as? String)
            for _ in 1...2 {
                let report = sessions("ended_sessions", session("a", "ended"))
                #expect(try await host.report(certificate, report).status == 204)
            }
            #expect(try await host.report(certificate, sessions("open_sessions", session("b", "not-ended"))).status == 204)
            let listed = try #require((try await caller.call("GET", Paths.hosts).json["hosts"] as? [[String: Any]])?.first)
            #expect(listed["ended_sessions"] as? Int == 1)
            #expect(listed["open_sessions"] as? Int == 1)
            let open = try await caller.call("GET", Paths.hostSessions + "?open=true&host=" + host.name)
            let found = try #require(open.json["sessions"] as? [[String: Any]])
            #expect(found.count == 1)
            #expect((found.first?["session"] as? [String: Any])?["id"] as? String == "b")
            #expect(try await caller.call("GET", Paths.hostSessions + "?open=perhaps").status == 400)
            #expect(try await caller.call("GET", Paths.hostEnforcement + "?version=x").status == 400)
            let unknown = try await caller.call("GET", Paths.hostEnforcement + "?version=1")
            #expect((unknown.json["lists"] as? [Any])?.isEmpty == true)
            let newest = try await caller.call("GET", Paths.hostEnforcement)
            let list = try #require((newest.json["lists"] as? [[String: Any]])?.first)
            #expect(list["hosts"] as? Int == 1 && list["enforcing"] as? Int == 0)
        }
    }

    @Test func `tokens are for who may make them, and for what can be`() async throws {
        let bo = MayflyCA.Person("bo@example.com", login: "bo", groups: ["engineers"])
        try await MayflyCA.withSession(.init(people: [bo])) { caller in
            let table: [([String: Any], Int, String)] = [
                (["role": "lab-shell", "host": "web1.lab.example.com"], 422, "no role `lab-shell` that gives SSH host"),
                (["role": "lab-host", "host": "Web1"], 422, "capitals"),
                (["role": "lab-host", "host": ""], 422, "the name is empty"),
                (["role": "lab-host", "host": "web1.lab.example.com", "lifetime": 0], 422, "between a second and 30 days"),
                (["role": "lab-host", "host": "web1.lab.example.com", "lifetime": -5], 422, "between a second"),
                (["role": "lab-host", "host": "web1.lab.example.com", "lifetime": 9_000_000_000], 422, "between a second"),
                (["role": "lab-host"], 400, "name the `host`, or the `names` of a machine"),
            ]
            for (document, status, detail) in table {
                let reply = try await caller.post(Paths.enrolmentTokens, document)
                #expect(reply.status == status, "\(document): \(reply.detail)")
                #expect(reply.detail.contains(detail), "\(reply.detail)")
            }
            try await caller.ca.logIn(as: bo.name)
            let session = try caller.session(of: bo.name)
            for (method, path, body) in [
                ("POST", Paths.enrolmentTokens, #"{"role":"lab-host","host":"web1.lab.example.com"}"#),
                ("POST", Paths.hostRemovals, #"{"host":"web1.lab.example.com","reason":"x"}"#), ("GET", Paths.hosts, nil),
                ("GET", Paths.hostSessions, nil), ("GET", Paths.hostEnforcement, nil),
            ] {
                let reply = try await caller.call(method, path, body: body, certificate: (session, session))
                #expect(reply.status == 403, "\(path)")
                #expect(reply.problem == "denied", "\(path)")
                let explanation = try #require(reply.json["explanation"] as? [String: Any])
                #expect(explanation["decision"] as? String == "deny")
                let steps = try #require(explanation["steps"] as? [[String: Any]])
                #expect(
                    !steps.isEmpty && steps.allSatisfy { ($0["place"] as? String)?.hasPrefix("policies/") == true }, "\(path)")
                // Who is nobody learns nothing of this.
                let stranger = try await caller.call(method, path, body: body, withSession: false)
                #expect(stranger.status == 401 && stranger.json["explanation"] == nil, "\(path)")
                #expect(Set(stranger.json.keys).isSubset(of: ["type", "title", "status", "detail", "hint", "instance"]))
            }
        }
    }

    @Test func `whoever guesses tokens is slowed down, and fills no log`() async throws {
        try await MayflyCA.withSession { caller in
            let before = try #require(try await caller.call("GET", Paths.status).json["log_size"] as? Int)
            let body = """
                {"token":"mayfly-enrol-3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs","role":"lab-host",\
                "host":"web1.lab.example.com","public_key":"ssh-ed25519 \
                AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",\
                "proof":{"time":1,"nonce":"0","signature":""}}
                """
            let statuses = try await caller.statuses(of: 400, "POST", Paths.hostEnrolment, body: body)
            #expect(statuses.count == 400)
            #expect(statuses.first == 401)
            #expect(Set(statuses) == [401, 429])
            let after = try #require(try await caller.call("GET", Paths.status).json["log_size"] as? Int)
            // Failures are counted, and written once a minute.
            #expect(after - before <= 2)
        }
    }
}

extension Caller {
    fileprivate func call(_ method: String, _ path: String, document: [String: Any]) async throws -> Reply {
        let body = String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self)
        return try await call(method, path, body: body, withSession: false)
    }
}
